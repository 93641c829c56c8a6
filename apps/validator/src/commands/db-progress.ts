import type { CommandContext } from "./command-context.js";

const EVERY_MS = 2_000;

/** Tells on standard error how far a dump or a restore is: every whole table, and a large one every two seconds. */
export function createProgress(
  done: string,
  { writeError }: Pick<CommandContext, "writeError">,
  nowMs: () => number = () => performance.now(),
): (progress: { readonly table: string; readonly rows: number; readonly isWhole: boolean }) => void {
  let saidMs = nowMs();
  return ({ table, rows, isWhole }) => {
    if (!isWhole && nowMs() - saidMs < EVERY_MS) return;
    saidMs = nowMs();
    writeError(`${table}: ${rows.toLocaleString("en-US")} rows${isWhole ? ` ${done}` : "…"}\n`);
  };
}
