import { periodMinerReportSchema } from "@vision/protocol";
import { z } from "zod";

/** A miner of the local subnet: who it is and how it behaves. */
const minerProfileSchema = z.object({
  profile: z.string(),
  description: z.string(),
  isHonest: z.boolean(),
  hotkey: z.string(),
  uid: z.int().min(0),
  /** Multiples of the base capacity: what it can really do, and what it says that it can. */
  trueCapacityFactor: z.number().positive(),
  declaredCapacityFactor: z.number().positive(),
});

/** One request that localnet made as a user. `period` is the newest finished period at that moment. */
export const organicRequestSchema = z.object({
  period: z.int().nullable(),
  taskId: z.string(),
  isStream: z.boolean(),
  /** HTTP status; null when no answer came. */
  status: z.int().nullable(),
  isOk: z.boolean(),
  /** The beginning of the answer, or of what went wrong. */
  answer: z.string(),
  durationMs: z.number().min(0),
});

export type OrganicRequest = z.infer<typeof organicRequestSchema>;

/** One finished scoring period as the validator published it, with the profiles' names. */
export const localPeriodSchema = z.object({
  period: z.int(),
  startsAtMs: z.int(),
  endsAtMs: z.int(),
  seed: z.string(),
  /** Block at which weights were last set when the period was scored; null before the first time. */
  weightsSetAtBlock: z.int().nullable(),
  tasks: z.array(z.object({ taskId: z.string(), weight: z.number(), isServed: z.boolean() })),
  miners: z.array(periodMinerReportSchema.extend({ profile: z.string() })),
});

export type LocalPeriod = z.infer<typeof localPeriodSchema>;

/** What the chain holds at the end. */
export const chainReportSchema = z.object({
  blockNumber: z.int(),
  /** The validator's weights, read back. */
  weights: z.array(z.object({ uid: z.int(), hotkey: z.string(), profile: z.string(), weightU16: z.int().min(0).max(65_535) })),
  neurons: z.array(
    z.object({
      uid: z.int(),
      hotkey: z.string(),
      profile: z.string(),
      incentiveFraction: z.number().min(0).max(1),
      dividendsFraction: z.number().min(0).max(1),
      /** Whole RAO of the last epoch, as text. */
      emissionRao: z.string().regex(/^\d+$/),
    }),
  ),
});

export type ChainReport = z.infer<typeof chainReportSchema>;

/** The document that `npm start -- --periods 3 --period 20 --json` prints. */
export const localnetReportSchema = z.object({
  format: z.literal("vision-localnet-report/1"),
  startedAtMs: z.int(),
  periodMs: z.int().positive(),
  netuid: z.int(),
  validatorHotkey: z.string(),
  miners: z.array(minerProfileSchema),
  periods: z.array(localPeriodSchema),
  chain: chainReportSchema,
  organic: z.array(organicRequestSchema),
  /** For how long the validator's threads did not run when they should have, for no miner's fault: a busy machine. Null where it is not known. */
  ownDelaySeconds: z.number().min(0).nullable(),
});

export type LocalnetReport = z.infer<typeof localnetReportSchema>;
