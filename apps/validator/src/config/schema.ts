import { logLevels } from "@vision/program";
import { enabledTasks, type TaskRegistry } from "@vision/protocol";
import type { ScoringParams } from "@vision/scoring";
import type { CheckParams, ProbingParams } from "@vision/scoring/probing";
import { z } from "zod";
import { defaultTaskShares, type TaskWeightSource } from "../domain/task-weights.js";
import type { WeightParams } from "../domain/weight-params.js";
import {
  chainSection,
  checksSection,
  databaseSection,
  gatewaySection,
  hotkeySection,
  metricsSection,
  missingChain,
  periodSection,
  probingSection,
  retentionSection,
  scoringSection,
  taskChangesSection,
  taskWeightsSection,
  weightsSection,
} from "./sections.js";

const rawSchema = z.strictObject({
  chain: chainSection.prefault(missingChain),
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
  taskWeights: taskWeightsSection.prefault({}),
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
  /** Votes on chain, unless shares of its own are given. */
  readonly taskWeights: TaskWeightSource;
  readonly log: Raw["log"];
};

function toTaskWeights({ source, shares }: Raw["taskWeights"], registry: TaskRegistry, context: z.RefinementCtx): TaskWeightSource {
  const problem = (path: readonly string[], message: string) =>
    context.addIssue({ code: "custom", path: ["taskWeights", ...path], message });
  const ids = Object.keys(shares);
  for (const id of ids) {
    if (!registry.has(id)) problem(["shares", id], `there is no such task; there are ${[...registry.keys()].join(", ")}`);
  }
  if (ids.length === 0) return source === "config" ? { kind: "config", shares: defaultTaskShares(registry) } : { kind: "votes" };
  if (source === "votes") problem(["source"], "the shares would not be used; leave them out, or set this to config");
  const own = Object.fromEntries(enabledTasks(registry).map(({ id }) => [id, shares[id] ?? 0]));
  if (Object.values(own).every((share) => share === 0)) problem(["shares"], "give at least one task that is switched on a share above 0");
  return { kind: "config", shares: own };
}

const wildcardHosts = ["0.0.0.0", "::"];

/** True when two listeners would be in each other's way. Port 0 takes a free one. */
function isSamePlace(
  one: { readonly host: string; readonly port: number },
  other: { readonly host: string; readonly port: number },
): boolean {
  const isSameHost = one.host === other.host || wildcardHosts.includes(one.host) || wildcardHosts.includes(other.host);
  return one.port !== 0 && one.port === other.port && isSameHost;
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
  if (gateway.isEnabled && metrics.isEnabled && isSamePlace(gateway, metrics)) {
    context.addIssue({ code: "custom", path: ["metrics", "port"], message: "is the gateway's port too; give each its own" });
  }
  return {
    ...{ chain, hotkey, database, gateway, metrics, checks, scoring, weights, retentionPeriods, registry, taskWeights, log },
    probing: { ...raw.probing, periodMs: raw.period.lengthMs },
  };
});
