import type { CollectedReply } from "@vision/sdk/client";

const LONGEST_REASON = 300;

// How the client words a refusal in the protocol's error shape.
const REFUSED = /^status (?:400|413|422): (?:invalid_request|payload_too_large) (.*)$/s;

/** What a miner says is wrong with a request that it refused as not valid, fit to be shown; null for any other reply. */
export function refusalReason(collected: CollectedReply): string | null {
  if (collected.outcome !== "failed" || collected.blame !== "miner") return null;
  const said = REFUSED.exec(collected.reason)?.[1];
  if (said === undefined) return null;
  const text = said.replace(/[\p{C}\s]+/gu, " ").trim();
  return text === "" ? "no reason given" : [...text].slice(0, LONGEST_REASON).join("");
}
