import { z } from "zod";

const count = z.int().min(0);
const fraction = z.number().min(0).max(1);
/** RAO, as text: amounts are larger than what JSON numbers hold. */
const rao = z.string().regex(/^\d+$/);
const uidWeight = z.object({ uid: count, weightU16: z.int().min(0).max(65_535) });

/** One neuron as the chain has it. */
const chainNeuronSchema = z.object({
  uid: count,
  hotkey: z.string(),
  hasValidatorPermit: z.boolean(),
  isActive: z.boolean(),
  stakeRao: rao,
  lastUpdateBlock: count,
  emissionRao: rao,
  incentiveFraction: fraction,
  consensusFraction: fraction,
  dividendsFraction: fraction,
  /** How far its weights agree with consensus; null where the chain does not tell. Earlier versions left it out. */
  validatorTrustFraction: fraction.nullable().default(null),
});

/** The subnet on the chain, and what the validator has to do with it. */
export const chainReportSchema = z.object({
  /** When it was read, by the validator's clock. */
  atMs: z.int(),
  netuid: z.int(),
  blockNumber: count,
  tempoBlocks: count,
  nextEpochBlock: count,
  validatorHotkey: z.string(),
  /** Null where the validator is not registered. */
  validatorUid: count.nullable(),
  /** The validator's weights as the chain holds them. */
  weights: z.array(uidWeight),
  /** What was handed over last, and whether the chain holds the same; null before the first. */
  lastSet: z
    .object({ epochBlock: count, includedAtBlock: count.nullable(), weights: z.array(uidWeight), isReadBack: z.boolean() })
    .nullable(),
  /** Weights that are committed and not opened yet. */
  pendingCommits: z.array(z.object({ includedAtBlock: count, revealBlock: count })),
  /** Votes on the tasks' weights, parts per million, as of `blockNumber`. */
  votes: z.object({
    outcomePpm: z.record(z.string(), count),
    ballots: z.array(
      z.object({ hotkey: z.string(), stakeRao: rao, source: z.enum(["vote", "default"]), weightsPpm: z.record(z.string(), count) }),
    ),
  }),
  neurons: z.array(chainNeuronSchema),
});

/** See {@link chainReportSchema}. */
export type ChainReport = z.infer<typeof chainReportSchema>;
