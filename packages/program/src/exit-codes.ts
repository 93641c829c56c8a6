import { type ErrorCode, VisionError } from "@vision/protocol";
import { redact } from "./redact.js";

/** How programs end; the quickstarts explain them. `nothing`: there was nothing to show or to do. */
export const exitCodes = { ok: 0, failed: 1, misused: 2, unreachable: 3, nothing: 4 } as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What is said of a failure, and how the program ends over it. */
export type FailureReport = { readonly exitCode: ExitCode; readonly text: string };

/** Failures that may be over when the same command is run again. */
const awayCodes: readonly ErrorCode[] = ["CHAIN_UNREACHABLE", "CHAIN_TIMEOUT", "STORE_UNREACHABLE", "REFERENCE_UNAVAILABLE"];

/** A failure as a person reads it: what to do, with the code, or the stack of what nobody foresaw. No secret is in it. */
export function reportFailure(error: unknown): FailureReport {
  if (!VisionError.isInstance(error)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { exitCode: exitCodes.failed, text: redact(text) };
  }
  if (error.code === "CONFIG_INVALID") return { exitCode: exitCodes.misused, text: redact(error.message) };
  return {
    exitCode: awayCodes.includes(error.code) ? exitCodes.unreachable : exitCodes.failed,
    text: `${redact(error.message)}\n(${error.code}, see ${error.docsPath})`,
  };
}
