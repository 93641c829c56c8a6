import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "fastify";
import { LRUCache } from "lru-cache";
import type { Clock } from "../ports/index.js";
import { withinTime } from "./within-time.js";

const inflate = promisify(gunzip);
const deflate = promisify(gzip);

/** A public text as it is sent, made once. What the other encoding takes is worked out when it is first asked for, off the loop. */
type Representation = { readonly etag: string; gzipped(): Promise<Buffer>; plain(): Promise<Buffer> };

/** What a reader gives: JSON as a value, or as gzipped bytes. */
export type PublicSource = { readonly json: unknown } | { readonly gzipJson: Uint8Array };

/** Answers from memory what public addresses show. */
export type RepresentationCache<Key extends string | number> = {
  /** @returns false when there is nothing under that key. */
  send(key: Key, request: FastifyRequest, reply: FastifyReply): Promise<boolean>;
};

/** What a full subnet was scored from is megabytes; nobody's answer waits for it. */
const READ_LIMIT_MS = 5_000;
/** Read again after this time. Reports are public, and the database serves users first. */
export const FRESH_MS = 2_000;

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function represent(source: PublicSource): Representation {
  const bytes = "json" in source ? Buffer.from(JSON.stringify(source.json)) : Buffer.from(source.gzipJson);
  const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  const given = async () => bytes;
  if ("json" in source) return { etag, plain: given, gzipped: once(() => deflate(bytes)) };
  return { etag, gzipped: given, plain: once(() => inflate(bytes)) };
}

/**
 * A cache of so many representations. One that has not changed is kept with all that was worked out of it.
 *
 * @param freshMs - How long what was found under a key stands, milliseconds; {@link FRESH_MS} where it is left out.
 * @param read - Resolves to null where there is nothing.
 */
export function createRepresentationCache<Key extends string | number>(
  { kept, freshMs = () => FRESH_MS }: { readonly kept: number; readonly freshMs?: (key: Key) => number },
  { clock, read }: { readonly clock: Clock; readonly read: (key: Key) => Promise<PublicSource | null> },
): RepresentationCache<Key> {
  type Entry = { readonly value: Promise<Representation | null>; readonly freshUntilMs: number };
  const entries = new LRUCache<Key, Entry>({ max: kept });

  const renew = async (key: Key, known: Promise<Representation | null> | undefined): Promise<Representation | null> => {
    const source = await withinTime(read(key), READ_LIMIT_MS, clock);
    if (source === null) return null;
    const next = represent(source);
    const previous = await known?.catch(() => null);
    return previous?.etag === next.etag ? previous : next;
  };

  const get = (key: Key): Promise<Representation | null> => {
    const entry = entries.get(key);
    if (entry !== undefined && clock.monotonicMs() < entry.freshUntilMs) return entry.value;
    const value = renew(key, entry?.value);
    const readAtMs = clock.monotonicMs();
    entries.set(key, { value, freshUntilMs: readAtMs + FRESH_MS });
    const keep = (found: Representation | null) => {
      if (found !== null) entries.set(key, { value, freshUntilMs: readAtMs + freshMs(key) });
    };
    value.then(keep, () => entries.delete(key));
    return value;
  };

  return {
    async send(key, request, reply) {
      const found = await get(key);
      if (found === null) return false;
      const isZipped = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
      const etag = isZipped ? `${found.etag.slice(0, -1)}-gzip"` : found.etag;
      reply.headers({ etag, vary: "accept-encoding", "cache-control": `public, max-age=${FRESH_MS / 1000}` });
      if (String(request.headers["if-none-match"] ?? "").includes(etag)) {
        await reply.code(304).send();
        return true;
      }
      if (isZipped) reply.header("content-encoding", "gzip");
      await reply.type("application/json; charset=utf-8").send(await (isZipped ? found.gzipped() : found.plain()));
      return true;
    },
  };
}
