import { defaultTaskWeightsPpm, enabledTasks, type TaskRegistry } from "@vision/protocol";
import type { ScoringParams } from "@vision/scoring";
import { z } from "zod";
import type { CheckParams } from "../domain/check-params.js";
import type { ProbingParams } from "../domain/probing-params.js";
import type { WeightParams } from "../domain/weight-params.js";
import { logLevels } from "./log-levels.js";
import {
  chainSection,
  checksSection,
  databaseSection,
  gatewaySection,
  hotkeySection,
  metricsSection,
  periodSection,
  probingSection,
  retentionSection,
  scoringSection,
  taskChangesSection,
  weightsSection,
} from "./sections.js";

// Told field by field, not as one missing section.
const missing = {} as z.input<typeof chainSection>;

const rawSchema = z.strictObject({
  chain: chainSection.prefault(missing),
  hotkey: hotkeySection.prefault({}),
  database: databaseSection.prefault({}),
  gateway: gatewaySection.prefault({}),
  metrics: metricsSection.prefault({}),
  period: periodSection.prefault({}),
  probing: probingSection.prefault({}),
  checks: checksSection.prefault({}),
  scoring: scoringSection.prefault({}),
  weights: weightsSection.prefault({}),
  retention: retentionSection.prefault({}),
  taskChanges: taskChangesSection.prefault({}),
  taskWeights: z.record(z.string(), z.number().min(0).max(1e12)).default({}),
  log: z.strictObject({ level: z.enum(logLevels).default("info") }).prefault({}),
});

type Raw = z.infer<typeof rawSchema>;

/** Everything that a validator is told from outside, parsed. Plain data; nothing else reads the environment. */
export type ValidatorConfig = {
  readonly chain: Raw["chain"];
  readonly hotkey: Raw["hotkey"];
  readonly database: Raw["database"];
  readonly gateway: Raw["gateway"];
  readonly metrics: Raw["metrics"];
  readonly probing: ProbingParams;
  readonly checks: CheckParams;
  readonly scoring: ScoringParams;
  readonly weights: WeightParams;
  /** Periods that rows are kept for. */
  readonly retentionPeriods: number;
  /** The protocol's tasks with this validator's changes. */
  readonly registry: TaskRegistry;
  /** Shares of the reward by task id, not scaled; of enabled tasks only. */
  readonly taskWeights: Readonly<Record<string, number>>;
  readonly log: Raw["log"];
};

function toTaskWeights(changes: Raw["taskWeights"], registry: TaskRegistry, context: z.RefinementCtx): Readonly<Record<string, number>> {
  for (const id of Object.keys(changes)) {
    if (!registry.has(id)) {
      context.addIssue({
        code: "custom",
        path: ["taskWeights", id],
        message: `there is no such task; there are ${[...registry.keys()].join(", ")}`,
      });
    }
  }
  const weights: Readonly<Record<string, number>> = { ...defaultTaskWeightsPpm, ...changes };
  return Object.fromEntries(enabledTasks(registry).map((task) => [task.id, weights[task.id] ?? 0]));
}

/** Parses the merged settings of file, environment and flags. */
export const validatorConfigSchema = rawSchema.transform((raw, context): ValidatorConfig => {
  const { chain, hotkey, database, gateway, metrics, checks, scoring, weights, log, taskChanges: registry } = raw;
  const taskWeights = toTaskWeights(raw.taskWeights, registry, context);
  const retentionPeriods = raw.retention.periods ?? weights.historyPeriods + 24;
  if (retentionPeriods < weights.historyPeriods) {
    context.addIssue({
      code: "custom",
      path: ["retention", "periods"],
      message: `must be at least weights.historyPeriods (${weights.historyPeriods}), which scores rest on`,
    });
  }
  return {
    ...{ chain, hotkey, database, gateway, metrics, checks, scoring, weights, retentionPeriods, registry, taskWeights, log },
    probing: { ...raw.probing, periodMs: raw.period.lengthMs },
  };
});
