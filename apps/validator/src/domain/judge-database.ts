import { type Finding, fail, ok, warn } from "@vision/program";
import { describeBytes } from "./describe-bytes.js";

/** A database as a look at it shows it. Versions as PostgreSQL numbers itself: 180004 is 18.4. */
export type DatabaseState = {
  readonly serverVersion: number;
  /** Number of the newest migration that was applied; 0 before the first. */
  readonly schema: number;
  /** Newest that this program knows. */
  readonly newestSchema: number;
  readonly sizeBytes: number;
};

const OLDEST_SERVER = 130_000;
const LEAST_FREE_BYTES = 1e9; // PostgreSQL stops at a full disk, and a day of a large subnet is hundreds of MB
const COMFORTABLE_FREE_BYTES = 10e9;

/** Whether this program can work on the database. */
export function judgeDatabase({ serverVersion, schema, newestSchema, sizeBytes }: DatabaseState): Finding {
  const server = `PostgreSQL ${Math.floor(serverVersion / 10_000)}.${serverVersion % 10_000}`;
  if (serverVersion < OLDEST_SERVER) return fail(`${server} is too old`, "Use PostgreSQL 13 or later.");
  if (schema > newestSchema) {
    return fail(
      `its schema is ${schema}, this program knows only up to ${newestSchema}`,
      "Run the newer version of the validator that made it, or restore the backup from before the update.",
    );
  }
  const size = `${server}, ${describeBytes(sizeBytes)}`;
  if (schema < newestSchema && schema > 0) {
    return ok(
      `${size}, schema ${schema} will be brought to ${newestSchema} at the next start (back it up before: vision-validator db dump)`,
    );
  }
  return ok(schema === 0 ? `${size}, empty` : `${size}, schema ${schema}`);
}

/** Whether the disk of a folder has room. */
export function judgeFreeSpace(freeBytes: number, folder: string): Finding {
  const free = `${describeBytes(freeBytes)} free at ${folder}`;
  const advice = "Free some, or move database.dataDir to a larger disk; retention.periods says how much is kept.";
  if (freeBytes < LEAST_FREE_BYTES) return fail(free, advice);
  return freeBytes < COMFORTABLE_FREE_BYTES ? warn(free, advice) : ok(free);
}
