import { randomUUID } from "node:crypto";
import {
  closeSync,
  createReadStream,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Logger, ResultsSpool, SpooledResult } from "../ports/index.js";
import { spooledResultSchema } from "./spooled-result-schema.js";

const FILE = /^unrecorded-results-.+\.jsonl$/;
const BATCH = 200;
const CHUNK_CHARACTERS = 1024 * 1024;
const LINE_FEED = 0x0a;

/** One line; of what cannot be written as JSON, or is too long, the result without its answer. */
function toLine({ result, check }: SpooledResult, maxCharacters: number): string {
  // What the store does not keep either.
  const kept = { ...result, isOpening: true, failure: null, retryAfterMs: null, silentMs: null };
  try {
    const line = JSON.stringify({ result: kept, check });
    if (line.length <= maxCharacters) return `${line}\n`;
  } catch {
    // An answer of any depth: the result matters more.
  }
  return `${JSON.stringify({ result: kept, check: null })}\n`;
}

/** Adds lines to a file, as many as fit: on a disk that is full a write takes a part of what it is given, and the next one throws. */
function appendLines(file: number, lines: readonly string[]): { readonly count: number; readonly problem: unknown } {
  const { size } = fstatSync(file);
  const bytes = Buffer.from(lines.join(""));
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(file, bytes, written);
    return { count: lines.length, problem: null };
  } catch (problem) {
    const whole = bytes.subarray(0, bytes.subarray(0, written).lastIndexOf("\n") + 1);
    ftruncateSync(file, size + whole.length);
    return { count: whole.filter((byte) => byte === LINE_FEED).length, problem };
  }
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
      const path = join(folder, `unrecorded-results-${randomUUID()}.jsonl`);
      const file = openSync(path, "ax", 0o600);
      const lines: string[] = [];
      let characters = 0;
      let count = 0;
      let problem: unknown = null;
      const write = () => {
        const added = appendLines(file, lines.splice(0));
        characters = 0;
        count += added.count;
        problem = added.problem;
      };
      try {
        for (const entry of entries) {
          const line = toLine(entry, room / 8);
          room -= Buffer.byteLength(line);
          if (room < 0 || problem !== null) break;
          lines.push(line);
          characters += line.length;
          if (characters >= CHUNK_CHARACTERS) write();
        }
        if (problem === null) write();
        if (problem !== null && count === 0) {
          rmSync(path);
          throw problem;
        }
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
