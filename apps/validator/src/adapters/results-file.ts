import { randomUUID } from "node:crypto";
import { closeSync, createReadStream, fsyncSync, mkdirSync, openSync, readdirSync, statSync, writeSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Logger, ResultsSpool, SpooledResult } from "../ports/index.js";
import { spooledResultSchema } from "./spooled-result-schema.js";

const FILE = /^unrecorded-results-.+\.jsonl$/;
const BATCH = 200;
const CHUNK_CHARACTERS = 1024 * 1024;

/** One line; of what cannot be written as JSON, or is too long, the result without its answer. */
function toLine({ result, check }: SpooledResult, maxCharacters: number): string {
  // What the store does not keep either.
  const kept = { ...result, failure: null, retryAfterMs: null, silentMs: null };
  try {
    const line = JSON.stringify({ result: kept, check });
    if (line.length <= maxCharacters) return `${line}\n`;
  } catch {
    // An answer of any depth: the result matters more.
  }
  return `${JSON.stringify({ result: kept, check: null })}\n`;
}

function parseLine(line: string): SpooledResult | null {
  try {
    return spooledResultSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/**
 * A spool of files in a folder, one for each process that had something left: JSON lines, on the disk before `save` returns, and never more
 * than `maxBytes` altogether. Lines that cannot be read (the last one of a process that was killed) are left out with a warning.
 */
export function createResultsFile(
  options: { readonly folder: string; readonly maxBytes?: number },
  { logger }: { readonly logger: Logger },
): ResultsSpool {
  const { folder, maxBytes = 256 * 1024 * 1024 } = options;
  let read: string[] = [];

  const sizeOfAll = () =>
    readdirSync(folder)
      .filter((name) => FILE.test(name))
      .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

  return {
    save(entries) {
      if (entries.length === 0) return 0;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      let room = maxBytes - sizeOfAll();
      let count = 0;
      let chunk = "";
      const file = openSync(join(folder, `unrecorded-results-${randomUUID()}.jsonl`), "wx", 0o600);
      try {
        for (const entry of entries) {
          const line = toLine(entry, room / 8);
          room -= Buffer.byteLength(line);
          if (room < 0) break;
          chunk += line;
          count += 1;
          if (chunk.length < CHUNK_CHARACTERS) continue;
          writeSync(file, chunk);
          chunk = "";
        }
        writeSync(file, chunk);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      return count;
    },

    async *read() {
      read = (await readdir(folder).catch(() => [])).filter((name) => FILE.test(name)).map((name) => join(folder, name));
      for (const path of read) {
        let batch: SpooledResult[] = [];
        let unreadable = 0;
        for await (const line of createInterface({ input: createReadStream(path, "utf8"), crlfDelay: Number.POSITIVE_INFINITY })) {
          const entry = parseLine(line);
          if (entry === null) unreadable += 1;
          else batch.push(entry);
          if (batch.length < BATCH) continue;
          yield batch;
          batch = [];
        }
        if (batch.length > 0) yield batch;
        if (unreadable > 0) logger.warn("Some results that an earlier process left cannot be read", { path, count: unreadable });
      }
    },

    async clear() {
      for (const path of read.splice(0)) await rm(path, { force: true });
    },
  };
}
