import { lookup as lookUp } from "node:dns";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { anySignal } from "@vision/protocol";
import { toReachableEndpoint } from "../domain/endpoint.js";
import type { FetchedFile, FetchFile } from "../ports/index.js";

/** What a test may bring: whom TLS trusts, and addresses that are allowed in the place of the public internet's. */
export type FetchFileOptions = {
  readonly tls?: Pick<ConnectionOptions, "ca" | "checkServerIdentity">;
  readonly isAllowed?: (address: string) => boolean;
};

const refuse = (reason: string): FetchedFile => ({ ok: false, reason });
const NOT_PUBLIC = "its host is at no address of the public internet";

/** Gets files by Node.js's own client. What a name resolves to is looked at before anything is connected to, and that is connected to. */
export function createFetchFile({ tls = {}, isAllowed = isPublic }: FetchFileOptions = {}): FetchFile {
  const lookup: LookupFunction = (name, options, done) => {
    lookUp(name, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) return done(error ?? new Error("no address"), "");
      if (!addresses.every(({ address }) => isAllowed(address))) return done(new NotPublicError(), "");
      return options.all === true ? done(null, addresses) : done(null, first.address, first.family);
    });
  };

  return async (url, { maxBytes, limitMs, signal }) => {
    if (url.protocol !== "https:") return refuse("its address is not https");
    // A literal address is never looked up.
    const literal = url.hostname.replace(/^\[|\]$/g, "");
    if (isIP(literal) !== 0 && !isAllowed(literal)) return refuse(NOT_PUBLIC);
    const limit = AbortSignal.timeout(limitMs);
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        // No connection is kept: nobody else's request may go by it.
        const settings = { agent: false, lookup, signal: anySignal([signal, limit]), headers: { accept: "image/png" } } as const;
        get(url, { ...settings, ...tls }, resolve).on("error", reject);
      });
      try {
        return await read(response, maxBytes);
      } finally {
        response.destroy();
      }
    } catch (error) {
      if (error instanceof NotPublicError) return refuse(NOT_PUBLIC);
      return refuse(limit.aborted ? `it did not come within ${limitMs / 1_000} s` : "its host does not answer, or not by good TLS");
    }
  };
}

class NotPublicError extends Error {}

function isPublic(address: string): boolean {
  return toReachableEndpoint({ host: address, port: 443 }, false) !== null;
}

async function read(response: IncomingMessage, maxBytes: number): Promise<FetchedFile> {
  const { statusCode = 0, headers } = response;
  if (statusCode >= 300 && statusCode < 400) return refuse("its host sends on to another address, which is not followed");
  if (statusCode !== 200) return refuse(`its host answers ${statusCode}`);
  const tooLarge = refuse(`it is larger than ${maxBytes} bytes`);
  if (Number(headers["content-length"] ?? 0) > maxBytes) return tooLarge;
  const pieces: Buffer[] = [];
  let byteCount = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    byteCount += piece.length;
    if (byteCount > maxBytes) return tooLarge;
    pieces.push(piece);
  }
  return { ok: true, bytes: Buffer.concat(pieces) };
}
