import { z } from "zod";

const fraction = z.number().min(0).max(1);
const count = z.int().min(0);
const units = z.number().min(0);

/** One miner at one task in a closed period: plan, counts, and scores as they stood when the period had closed. */
export const periodTaskReportSchema = z.object({
  taskId: z.string(),
  /** Work units per hour. */
  declaredCapacityPerHour: units,
  creditedCapacityPerHour: units,
  triedFraction: fraction,
  plannedUnits: units,
  plannedRequests: count,
  /** Requests of the plan that the validator had no room or time to send. */
  unsentRequests: count.default(0),
  attemptedUnits: units,
  completedUnits: units,
  requests: count,
  okCount: count,
  rateLimitedCount: count,
  failedCount: count,
  organicCount: count,
  /** Of this period alone; null when nothing counted. */
  periodScore: fraction.nullable(),
  /** Over the recorded periods. */
  averagePeriodScore: fraction,
  quality: z.number().min(0),
  meanVerdict: fraction,
  meanSpeedFactor: z.number().min(0),
  sampleCount: count,
  /** What the answers say together of the engine behind them, nats; see docs/scoring.md. While decided, the quality is 0. */
  evidence: z
    .object({ isDecided: z.boolean(), nats: z.number().min(0), suspicion: z.string().nullable() })
    .default({ isDecided: false, nats: 0, suspicion: null }),
  /** The newest answers with a fault, and what it was, in plain words. */
  faults: z.array(z.object({ period: z.int(), qualityFraction: fraction, reasons: z.array(z.string()) })).default([]),
  taskScore: fraction,
});

/** One miner in a closed period. */
export const periodMinerReportSchema = z.object({
  hotkey: z.string(),
  uid: z.int().min(0).nullable(),
  overallScore: fraction,
  /** Share of all overall scores. */
  weight: fraction,
  tasks: z.array(periodTaskReportSchema),
});

/** The last weights that were handed to the chain. */
const weightSetReportSchema = z.object({
  netuid: z.int(),
  epochBlock: z.int(),
  state: z.enum(["submitting", "set", "failed"]),
  includedAtBlock: z.int().nullable(),
  weights: z.array(z.object({ uid: z.int().min(0), weightU16: z.int().min(0).max(65_535) })),
});

/** What a period's plan was drawn with. */
const planParamsSchema = z.object({
  periodMs: z.number().positive(),
  shareBands: z.array(z.object({ probability: fraction, from: fraction, to: fraction })).min(1),
  shareFloor: z.array(z.object({ capacityRequests: units, fraction })),
  bigDraws: z
    .object({
      probabilityPerHour: fraction,
      hotkeyFraction: fraction,
      untriedProbabilityPerHour: fraction,
      triedFraction: fraction,
      from: fraction,
      to: fraction,
    })
    .optional(),
  minRequestsPerPeriod: count,
  maxRequestsPerPeriod: count,
});

/**
 * Public record of a closed period: who was asked how much, what came of it, and the scores. With seed and parameters anybody can recompute
 * the plan; the seed is published only when the period is over, because it tells what is going to be asked.
 */
export const periodReportSchema = z.object({
  period: z.int(),
  startsAtMs: z.int(),
  endsAtMs: z.int(),
  seed: z.string(),
  /** The seed of the large draws, which other validators have for the same hour. Left out by earlier versions. */
  commonSeed: z.string().optional(),
  plan: planParamsSchema,
  netuid: z.int(),
  validatorHotkey: z.string(),
  /** Name of the scoring parameters. */
  preset: z.string(),
  /** When evidence decided in this period, nats, and how long a decision held. Left out by earlier versions, and where the preset has none. */
  evidenceParams: z.object({ actNats: z.number().positive(), windowHours: z.number().min(0) }).optional(),
  tasks: z.array(z.object({ taskId: z.string(), weight: fraction, isServed: z.boolean() })),
  miners: z.array(periodMinerReportSchema),
  weightSet: weightSetReportSchema.nullable(),
});

/** See {@link periodReportSchema}. */
export type PeriodReport = z.infer<typeof periodReportSchema>;
/** See {@link periodTaskReportSchema}. */
export type PeriodTaskReport = z.infer<typeof periodTaskReportSchema>;
