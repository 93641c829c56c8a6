import {
  changeRegistry,
  createRegistry,
  defaultTaskWeightsPpm,
  enabledTasks,
  type TaskRegistry,
  taskChangesSchema,
  VisionError,
} from "@vision/protocol";
import { NINETEEN_2025, type ScoringParams, VISION_2024, type VisionOverrides, visionParams } from "@vision/scoring";
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
  weightsSection,
} from "./sections.js";

const rawSchema = z.strictObject({
  chain: chainSection,
  hotkey: hotkeySection,
  database: databaseSection.prefault({}),
  gateway: gatewaySection.prefault({}),
  metrics: metricsSection.prefault({}),
  period: periodSection.prefault({}),
  probing: probingSection.prefault({}),
  checks: checksSection.prefault({}),
  scoring: scoringSection.prefault({}),
  weights: weightsSection.prefault({}),
  retention: retentionSection.prefault({}),
  taskChanges: taskChangesSchema.default({}),
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

/** Runs a parser of another package; its refusal becomes a problem of this path. */
function attempt<Value>(context: z.RefinementCtx, path: readonly string[], parse: () => Value): Value | null {
  try {
    return parse();
  } catch (error) {
    if (!VisionError.isInstance(error)) throw error;
    context.addIssue({ code: "custom", path: [...path], message: error.message });
    return null;
  }
}

function toScoringParams({ preset, overrides }: Raw["scoring"], context: z.RefinementCtx): ScoringParams | null {
  if (preset === "VISION") return attempt(context, ["scoring", "overrides"], () => visionParams(overrides as VisionOverrides));
  if (Object.keys(overrides).length > 0) {
    context.addIssue({ code: "custom", path: ["scoring", "overrides"], message: `only preset VISION can be changed, not ${preset}` });
  }
  return preset === "VISION_2024" ? VISION_2024 : NINETEEN_2025;
}

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
  const scoring = toScoringParams(raw.scoring, context);
  const registry = attempt(context, ["taskChanges"], () => changeRegistry(createRegistry(), raw.taskChanges));
  const taskWeights = registry === null ? {} : toTaskWeights(raw.taskWeights, registry, context);
  if (registry !== null && enabledTasks(registry).length === 0) {
    context.addIssue({ code: "custom", path: ["taskChanges"], message: "no task is switched on; a validator needs at least one" });
  }
  const retentionPeriods = raw.retention.periods ?? raw.weights.historyPeriods + 24;
  if (retentionPeriods < raw.weights.historyPeriods) {
    context.addIssue({
      code: "custom",
      path: ["retention", "periods"],
      message: `must be at least weights.historyPeriods (${raw.weights.historyPeriods}), which scores rest on`,
    });
  }
  if (raw.probing.minRequestsPerPeriod > raw.probing.maxRequestsPerPeriod) {
    context.addIssue({
      code: "custom",
      path: ["probing", "minRequestsPerPeriod"],
      message: "must not be above probing.maxRequestsPerPeriod",
    });
  }
  if (scoring === null || registry === null) return z.NEVER;
  const { chain, hotkey, database, gateway, metrics, checks, weights, log } = raw;
  return {
    ...{ chain, hotkey, database, gateway, metrics, checks, scoring, weights, retentionPeriods, registry, taskWeights, log },
    probing: { ...raw.probing, periodMs: raw.period.lengthMs },
  };
});
