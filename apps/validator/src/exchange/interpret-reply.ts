import type { CollectedReply } from "@vision/sdk/client";
import type { ResultRecord } from "../domain/records/index.js";
import type { UnlistedOutput } from "./unlisted-output.js";

type AnsweredReply = Extract<CollectedReply, { readonly outcome: "ok" }>;

/** Units of an answer; what it says beside its text counts where the tokens, which would hold it, are not listed. */
export function deliveredUnits({ answer, workUnits }: AnsweredReply, unlisted: UnlistedOutput): number {
  return answer.kind === "text" && answer.tokens.length === 0 ? workUnits + unlisted.tokens() : workUnits;
}

/** The reply with what the client cannot know: that it is of nothing, or that the user's side could not use it. Both are the miner's. */
export function asSeenHere(reply: CollectedReply, seen: { readonly isEmpty: boolean; readonly unusable: string | null }): CollectedReply {
  if (reply.outcome === "ok" && seen.isEmpty) {
    const { durationMs, eventCount } = reply;
    const failure = {
      stage: "content",
      blame: "miner",
      reason: "the answer is empty",
      status: 200,
      code: null,
      minerMessage: null,
      deliveredUnits: 0,
    } as const;
    return { outcome: "failed", ...failure, durationMs, eventCount };
  }
  if (reply.outcome !== "failed" || seen.unusable === null) return reply;
  return { ...reply, stage: "content", blame: "miner", reason: seen.unusable };
}

/** Who is to blame for how a reply ended. */
export function blameOf(collected: CollectedReply): ResultRecord["blame"] {
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
export function reasonOf(collected: CollectedReply): string | null {
  switch (collected.outcome) {
    case "ok":
      return null;
    case "rateLimited":
      return "rate limited";
    case "failed":
      return collected.reason;
  }
}
