import type { CommittedWeights } from "../domain/judge-reveals.js";
import type { RevealOutcome, WeightSetRecord } from "../domain/records/index.js";

/** Handing over of weights to the chain. */
export type WeightStore = {
  /** Checks and records in one step that weights for an epoch are being set: false when some process already did or is doing so. */
  beginWeightSet(record: {
    readonly netuid: number;
    readonly epochBlock: number;
    readonly weights: WeightSetRecord["weights"];
    readonly nowMs: number;
    readonly staleAfterMs: number;
  }): Promise<boolean>;
  finishWeightSet(record: {
    readonly netuid: number;
    readonly epochBlock: number;
    readonly state: "set" | "failed";
    readonly includedAtBlock: number | null;
    readonly detail: string | null;
    /** Where a timelocked commit is in a block: when it is to be opened, and what is in it. */
    readonly committed?: Pick<CommittedWeights, "revealBlock" | "weights"> | null;
  }): Promise<void>;
  /** Commits that are in a block and of which nobody knows yet whether they were revealed; oldest first. */
  getUnrevealedWeightSets(netuid: number): Promise<readonly CommittedWeights[]>;
  /** What became of the commit for an epoch. */
  finishReveal(record: { readonly netuid: number; readonly epochBlock: number; readonly outcome: RevealOutcome }): Promise<void>;
  /** Weights that are being set, or whose process ended meanwhile; oldest first. */
  getSubmittingWeightSets(netuid: number): Promise<readonly WeightSetRecord[]>;
  /** The last weights that the chain took; null before the first. */
  getLastWeightSet(netuid: number): Promise<WeightSetRecord | null>;
};
