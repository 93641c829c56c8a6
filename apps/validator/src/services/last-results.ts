import type { Logger, ResultsSpool } from "../ports/index.js";
import type { ResultsBuffer } from "./results-buffer.js";
import { untilAborted } from "./until-aborted.js";

/** What a process does about results before it ends. */
export type LastResultsDependencies = {
  readonly results: Pick<ResultsBuffer, "flush" | "pending" | "size">;
  /** Takes what the store cannot be given; without one it is lost. */
  readonly spool: ResultsSpool | undefined;
  readonly logger: Pick<Logger, "warn" | "error">;
};

/** Time that the last results get to be written. */
const LAST_WRITE_MS = 2_000;

/** Keeps what is not in the store yet for the next start, blocking; for a process that is about to end by a fault. */
export function spillResults({ results, spool, logger }: LastResultsDependencies): void {
  const pending = results.pending();
  if (pending.length === 0) return;
  try {
    const kept = spool?.save(pending) ?? 0;
    logger.warn("Results that could not be recorded are kept for the next start", { kept, lost: pending.length - kept });
  } catch (error) {
    logger.error("Results could neither be recorded nor kept", { count: pending.length, error });
  }
}

/** Writes what is left, for two seconds at most, and keeps for the next start what could not be written. */
export async function writeLastResults(dependencies: LastResultsDependencies): Promise<void> {
  const { results, logger } = dependencies;
  const stop = new AbortController();
  const limit = setTimeout(() => stop.abort(), LAST_WRITE_MS);
  // A statement that hangs does not hear of it.
  const late = untilAborted(stop.signal).then(() => Promise.reject(stop.signal.reason));
  try {
    await Promise.race([results.flush(stop.signal), late]);
  } catch (error) {
    logger.warn("The last results could not be written", { count: results.size, error });
    spillResults(dependencies);
  } finally {
    clearTimeout(limit);
  }
}
