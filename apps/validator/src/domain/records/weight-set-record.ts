/** What became of a commit: `unknown` where nobody looked in time, or where the chain was started anew. */
export type RevealOutcome = "revealed" | "lost" | "unknown";

/** One handing over of weights to the chain. */
export type WeightSetRecord = {
  readonly netuid: number;
  /** First block of the chain's epoch that the weights are for: at most one set each. */
  readonly epochBlock: number;
  readonly weights: readonly { readonly uid: number; readonly weightU16: number }[];
  readonly state: "submitting" | "set" | "failed";
  readonly includedAtBlock: number | null;
  readonly detail: string | null;
  /** A timelocked commit's reveal; null where the weights were set openly. */
  readonly reveal: { readonly block: number; readonly outcome: "pending" | RevealOutcome } | null;
};
