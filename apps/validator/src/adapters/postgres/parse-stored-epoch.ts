import { type EpochReport, type MinerReport, type MinerTaskReport, noEvidence, type TaskReport } from "@vision/scoring";
import { z } from "zod";

/** What a row cannot be without: the names in it. */
const outlineSchema = z.looseObject({
  period: z.number(),
  preset: z.string(),
  tasks: z.array(z.looseObject({ taskId: z.string() })),
  miners: z.array(z.looseObject({ hotkey: z.string(), tasks: z.array(z.looseObject({ hotkey: z.string(), taskId: z.string() })) })),
});
type Outline = z.infer<typeof outlineSchema>;

const ofTask = { weight: 0, isServed: false, paidFraction: 1, minerCount: 0, totalEffectiveVolume: 0 } satisfies Omit<TaskReport, "taskId">;

const ofMiner = { overallScore: 0, weight: 0 } satisfies Omit<MinerReport, "hotkey" | "tasks">;

const ofMinerTask = {
  declaredCapacityPerHour: 0,
  periods: [],
  periodScores: [],
  periodWeights: [],
  requests: 0,
  okCount: 0,
  rateLimitedCount: 0,
  failedCount: 0,
  attemptedUnits: 0,
  completedUnits: 0,
  averagePeriodScore: 0,
  dataHours: 0,
  newcomerFactor: 1,
  sampleCount: 0,
  waitingCount: 0,
  meanVerdict: 0,
  meanHourVerdict: 1,
  meanSpeedFactor: 0,
  sampleConfidence: 0,
  quality: 0,
  evidence: noEvidence,
  faults: [],
  provenCapacityPerHour: 0,
  triedCapacityPerHour: 0,
  meanDeclaredPerHour: 0,
  missedCapacityPerHour: 0,
  headroomFactor: 1,
  claimFactor: 1,
  recentServedFraction: 1,
  creditedCapacityPerHour: 0,
  effectiveVolume: 0,
  share: 0,
  taskScore: 0,
} satisfies Omit<MinerTaskReport, "hotkey" | "taskId">;

/** The row with what it lacks. What it has keeps its place: published scores are compared as text. */
function filled<Row extends object, Missing extends object>(row: Row, missing: Missing): Row & Missing {
  const absent = Object.entries(missing).filter(([name, value]) => {
    const own: unknown = Reflect.get(row, name);
    return typeof own !== typeof value || Array.isArray(own) !== Array.isArray(value);
  });
  return { ...row, ...Object.fromEntries(absent) } as Row & Missing;
}

/**
 * Scores as any version of this program stored them. A value that a row is too old to have is read as what it was without it (no faults, a
 * factor of 1, a count of 0), so that `explain` and `report` tell of periods of before an update.
 *
 * @throws ZodError when it is no report at all.
 */
export function parseStoredEpoch(stored: unknown): EpochReport {
  outlineSchema.parse(stored);
  // The schema's own result has its fields in another order.
  const report = stored as Outline;
  return {
    ...filled(report, { periodsPerHour: 1, problems: [] }),
    tasks: report.tasks.map((task) => filled(task, ofTask)),
    miners: report.miners.map((miner) => ({
      ...filled(miner, ofMiner),
      tasks: miner.tasks.map((task) => filled(task, ofMinerTask)),
    })),
  };
}
