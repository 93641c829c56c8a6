import type { ReplyFacts } from "./miner-asker.js";

const LONGEST_REASON = 300;
const refusingStatuses: ReadonlySet<number | null> = new Set([400, 413, 422]);
const refusingCodes: ReadonlySet<string | null> = new Set(["invalid_request", "payload_too_large"]);

/** What a miner says is wrong with a request that it refused as not valid, fit to be shown; null for any other reply. */
export function refusalReason(collected: ReplyFacts): string | null {
  if (collected.outcome !== "failed" || collected.blame !== "miner") return null;
  if (!refusingStatuses.has(collected.status) || !refusingCodes.has(collected.code)) return null;
  const text = (collected.minerMessage ?? "").replace(/[\p{C}\s]+/gu, " ").trim();
  return text === "" ? "no reason given" : [...text].slice(0, LONGEST_REASON).join("");
}
