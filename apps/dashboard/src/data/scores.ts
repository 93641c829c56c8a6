import type { EpochReport } from "@vision/scoring";
import { z } from "zod";

const number = z.number();

/** What the page shows of one miner at one task; the rest passes through. */
const taskReportSchema = z.looseObject({
  ...{ hotkey: z.string(), taskId: z.string(), declaredCapacityPerHour: number },
  ...{ periods: z.array(number), periodScores: z.array(number), periodWeights: z.array(number) },
  ...{ requests: number, okCount: number, rateLimitedCount: number, failedCount: number },
  ...{ averagePeriodScore: number, dataHours: number, newcomerFactor: number },
  ...{
    sampleCount: number,
    meanVerdict: number,
    meanHourVerdict: number,
    meanSpeedFactor: number,
    sampleConfidence: number,
    quality: number,
  },
  faults: z.array(z.looseObject({ period: number, qualityFraction: number, reasons: z.array(z.string()) })),
  ...{ provenCapacityPerHour: number, missedCapacityPerHour: number, headroomFactor: number, claimFactor: number },
  ...{ recentServedFraction: number, creditedCapacityPerHour: number, effectiveVolume: number, share: number, taskScore: number },
});

const outline = z.looseObject({
  ...{ period: number, preset: z.string() },
  tasks: z.array(z.looseObject({ taskId: z.string(), weight: number, totalEffectiveVolume: number })),
  miners: z.array(z.looseObject({ hotkey: z.string(), overallScore: number, weight: number, tasks: z.array(taskReportSchema) })),
});

/** Scores of a period with every value in between: scoring's own report, with the time it was made. */
export const scoresSchema = z.custom<EpochReport & { readonly createdAtMs: number }>((value) => outline.safeParse(value).success, {
  error: "The validator's scores do not look like scores: it is of another version than this page.",
});
