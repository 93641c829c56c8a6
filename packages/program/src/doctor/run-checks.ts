import { VisionError } from "@vision/protocol";
import { redact } from "../redact.js";
import { type DoctorCheck, type Finding, fail } from "./finding.js";

/** A finding with the name of the check that it is of. */
export type DoctorLine = Finding & { readonly check: string };

/** Calls back after a time unless the function that it returns is called first. */
export type StartTimer = (afterMs: number, callback: () => void) => () => void;

const DEFAULT_TIME_LIMIT_MS = 15_000;

const startRealTimer: StartTimer = (afterMs, callback) => {
  const timer = setTimeout(callback, afterMs);
  return () => clearTimeout(timer);
};

/**
 * Runs checks side by side and gives their findings in the order of the checks. A check that hangs or throws is a failure of its own
 * line and of no other.
 */
export async function runChecks(
  checks: readonly DoctorCheck[],
  { signal, startTimer = startRealTimer }: { readonly signal: AbortSignal; readonly startTimer?: StartTimer },
): Promise<readonly DoctorLine[]> {
  return Promise.all(
    checks.map(async (check) => {
      const { status, detail, advice } = await runCheck(check, signal, startTimer);
      // What others wrote (an error of a server, a URL from the settings) may hold credentials.
      return { check: check.name, status, detail: redact(detail), advice: advice === null ? null : redact(advice) };
    }),
  );
}

async function runCheck(check: DoctorCheck, signal: AbortSignal, startTimer: StartTimer): Promise<Finding> {
  const timeLimitMs = check.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS;
  const limit = new AbortController();
  let stopTimer = () => {};
  const late = new Promise<Finding>((resolve) => {
    stopTimer = startTimer(timeLimitMs, () => {
      resolve(fail(`no answer within ${timeLimitMs / 1_000} s`, "Whatever it asks hangs or cannot be reached; try again, and look there."));
      limit.abort(new Error(`The check took longer than ${timeLimitMs} ms.`));
    });
  });
  try {
    return await Promise.race([check.run(AbortSignal.any([signal, limit.signal])), late]);
  } catch (error) {
    return describeThrown(error);
  } finally {
    stopTimer();
  }
}

function describeThrown(error: unknown): Finding {
  if (VisionError.isInstance(error)) return fail(error.message, `${error.code}, see ${error.docsPath}`);
  return fail(error instanceof Error ? error.message : String(error), "Nobody foresaw this; the message above is all that is known.");
}
