import type { ResultRecord } from "../domain/records/index.js";
import type { ReplyFacts } from "./miner-asker.js";

/**
 * The reply with what the client cannot know: that it is an answer of nothing. To a synthetic request, which asks for something, that is
 * the miner's failure; to a user's it may be right, so it counts for nothing and against nobody.
 */
export function asCounted(reply: ReplyFacts, { isEmpty, isOrganic }: { readonly isEmpty: boolean; readonly isOrganic: boolean }) {
  if (reply.outcome !== "ok" || !isEmpty) return reply;
  const { durationMs, eventCount } = reply;
  const failure = { stage: "content", blame: isOrganic ? "nobody" : "miner", reason: "the answer is empty", status: 200 } as const;
  return { outcome: "failed", ...failure, code: null, minerMessage: null, deliveredUnits: 0, durationMs, eventCount } as const;
}

/** Who is to blame for how a reply ended. */
export function blameOf(collected: ReplyFacts): ResultRecord["blame"] {
  switch (collected.outcome) {
    case "ok":
      return "nobody";
    case "rateLimited":
      return "miner";
    case "failed":
      return collected.blame;
  }
}

/** Why a reply was no answer; null for one that was. */
export function reasonOf(collected: ReplyFacts): string | null {
  switch (collected.outcome) {
    case "ok":
      return null;
    case "rateLimited":
      return "rate limited";
    case "failed":
      return collected.reason;
  }
}
