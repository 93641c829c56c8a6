import { z } from "zod";

const count = z.int().min(0);

/** The period that is under way. Synthetic and organic requests are counted together: told apart, they would show which are which. */
const openPeriodSchema = z.object({
  period: z.int(),
  startsAtMs: z.int(),
  endsAtMs: z.int(),
  requests: count,
  okCount: count,
  rateLimitedCount: count,
  failedCount: count,
});

/** A task as it is served now. */
const liveTaskSchema = z.object({
  taskId: z.string(),
  displayName: z.string(),
  family: z.string(),
  model: z.string(),
  workUnit: z.string(),
  minerCount: count,
});

/** How the validator sees the chain. */
const liveChainSchema = z.object({
  isConnected: z.boolean(),
  blockNumber: count.nullable(),
  /** Since that block was heard of. */
  headAgeMs: z.number().min(0).nullable(),
  /** First block of the next epoch, and whether the chain holds the weights that were set last; null while not known. */
  nextEpochBlock: count.nullable(),
  weightsSetAtBlock: count.nullable(),
  areWeightsReadBack: z.boolean().nullable(),
});

/**
 * What a validator is doing at this moment, as everybody may know it. Nothing in it tells a miner which of its requests are synthetic: kinds
 * are told apart in the period's report only.
 */
export const liveReportSchema = z.object({
  /** By the validator's clock. */
  atMs: z.int(),
  netuid: z.int(),
  validatorHotkey: z.string(),
  /** Null before the first. */
  period: openPeriodSchema.nullable(),
  /** The newest period with a report; null before the first. */
  reportedPeriod: z.int().nullable(),
  checksWaiting: count.nullable(),
  chain: liveChainSchema,
  tasks: z.array(liveTaskSchema),
});

/** See {@link liveReportSchema}. */
export type LiveReport = z.infer<typeof liveReportSchema>;
