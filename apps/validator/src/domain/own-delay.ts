import type { Blame } from "@vision/scoring";
import type { ResultFailure } from "./records/index.js";

/** What miners answer to a request that we sent or signed too late. */
const statusesOfLateness: ReadonlySet<number | null> = new Set([401, 403, 408]);

/** Whether a miner's failure can come from our own standstill, and is then not the miner's. What it sent in it, and that it refused, does not. */
export function mayBeOwnDelay({ stage, status, blame }: ResultFailure & { readonly blame: Blame }): boolean {
  if (blame !== "miner") return false;
  switch (stage) {
    case "content":
      return false;
    case "status":
      return statusesOfLateness.has(status);
    case "request":
    case "connection":
    case "session":
    case "time":
    case "cancelled":
      return true;
  }
}
