import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DAY_MS } from "../domain/calendar.js";
import type { Logger, UsageSpool, UsageWrite } from "../ports/index.js";

const FILE = /^unwritten-usage-.+\.json$/;
/** The store remembers for thirty days which writes it has. */
const OLDEST_DAYS = 29;

const count = z.int().min(0);
const amount = z.number().min(0);
const useSchema = z.object({
  ...{ keyId: z.string(), taskId: z.string(), day: count, requests: count, errors: count },
  ...{ promptTokens: amount, units: amount },
});
const fileSchema = z.object({ savedAtMs: z.number(), writer: z.guid(), sequence: z.int().min(1), uses: z.array(useSchema) });

/** A spool of files in a folder, one for each write. */
export function createUsageFile(
  { folder, nowMs }: { readonly folder: string; readonly nowMs: () => number },
  { logger }: { readonly logger: Pick<Logger, "warn"> },
): UsageSpool {
  let found: readonly string[] = [];

  function readFile(path: string): readonly (UsageWrite & { readonly savedAtMs: number })[] {
    try {
      const { savedAtMs, ...write } = fileSchema.parse(JSON.parse(readFileSync(path, "utf8")));
      if (nowMs() - savedAtMs <= OLDEST_DAYS * DAY_MS) return [{ savedAtMs, ...write }];
      logger.warn("What keys used before an earlier stop is too old to tell whether it was written, and is left out", { path });
    } catch (error) {
      logger.warn("What keys used before an earlier stop cannot be read", { path, error });
    }
    return [];
  }

  return {
    save(write) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, `unwritten-usage-${write.writer}-${write.sequence}.json`);
      const file = openSync(path, "w", 0o600);
      try {
        // All of it: one write may take a part of what it is given where the disk is full.
        writeFileSync(file, JSON.stringify({ savedAtMs: nowMs(), ...write }));
        fsyncSync(file);
      } catch (error) {
        rmSync(path);
        throw error;
      } finally {
        closeSync(file);
      }
    },
    read() {
      try {
        found = readdirSync(folder)
          .filter((name) => FILE.test(name))
          .map((name) => join(folder, name));
      } catch {
        // Nothing was ever left.
        found = [];
      }
      const writes = found.flatMap(readFile).sort((a, b) => a.savedAtMs - b.savedAtMs || a.sequence - b.sequence);
      return writes.map(({ savedAtMs: _, ...write }) => write);
    },
    clear() {
      for (const path of found) rmSync(path, { force: true });
      found = [];
    },
  };
}
