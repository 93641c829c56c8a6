import {
  type CheckedSettings,
  checkChainPlace,
  checkHotkeySource,
  defineProgram,
  findMissingFile,
  hotkeySection,
  logSection,
  netuidSetting,
  networkSetting,
  type SettingProblem,
  walletSection,
} from "@vision/program";
import { enabledTasks, type TaskRegistry } from "@vision/protocol";
import type { ScoringParams } from "@vision/scoring";
import type { CheckParams, ProbingParams } from "@vision/scoring/probing";
import type { z } from "zod";
import { defaultTaskShares, type TaskWeightSource } from "../domain/task-weights.js";
import type { WeightParams } from "../domain/weight-params.js";
import { checkReferenceSettings, type ReferenceSettings, referencesSetting, withTaskContexts } from "./reference-settings.js";
import {
  chainSection,
  checksSection,
  databaseSection,
  gatewaySection,
  metricsSection,
  periodSection,
  probingSection,
  retentionSection,
  scoringSection,
  taskChangesSection,
  taskWeightsSection,
  weightsSection,
} from "./sections.js";

/** The validator's settings. */
export const validatorProgram = defineProgram("validator", {
  network: networkSetting,
  netuid: netuidSetting,
  chain: chainSection,
  wallet: walletSection,
  hotkey: hotkeySection,
  database: databaseSection,
  gateway: gatewaySection,
  metrics: metricsSection,
  period: periodSection,
  probing: probingSection,
  checks: checksSection,
  weights: weightsSection,
  retention: retentionSection,
  scoring: scoringSection,
  taskChanges: taskChangesSection,
  taskWeights: taskWeightsSection,
  references: referencesSetting,
  log: logSection,
});

/** The settings as they are read, before anything is made of them. */
export type ValidatorSettings = z.output<z.ZodObject<typeof validatorProgram.shape>>;

/** Everything that a validator is told from outside, parsed. Plain data; nothing else reads the environment. */
export type ValidatorConfig = Omit<ValidatorSettings, "period" | "probing" | "retention" | "taskChanges" | "taskWeights" | "references"> & {
  readonly probing: ProbingParams;
  readonly checks: CheckParams & { readonly isOwn: boolean };
  readonly scoring: ScoringParams;
  readonly weights: WeightParams;
  /** Periods that rows are kept for. */
  readonly retentionPeriods: number;
  /** The protocol's tasks with this validator's changes. */
  readonly registry: TaskRegistry;
  /** Votes on chain, unless shares of its own are given. */
  readonly taskWeights: TaskWeightSource;
  /** Models beside the embedded ones. */
  readonly references: readonly ReferenceSettings[];
};

/** Rows are kept for a day of one-hour periods longer than scores rest on them. */
const SPARE_PERIODS = 24;

/** What the settings amount to. */
export function toValidatorConfig({
  period,
  probing,
  retention,
  taskChanges,
  taskWeights,
  references,
  ...settings
}: ValidatorSettings): ValidatorConfig {
  return {
    ...settings,
    probing: { ...probing, periodMs: period.lengthMs },
    retentionPeriods: retention.periods ?? settings.weights.historyPeriods + SPARE_PERIODS,
    registry: taskChanges,
    taskWeights: toTaskWeights(taskWeights, taskChanges),
    references: withTaskContexts(references, taskChanges),
  };
}

function toTaskWeights({ source, shares }: ValidatorSettings["taskWeights"], registry: TaskRegistry): TaskWeightSource {
  if (Object.keys(shares).length > 0) return { kind: "config", shares: ownShares(shares, registry) };
  return source === "config" ? { kind: "config", shares: defaultTaskShares(registry) } : { kind: "votes" };
}

function ownShares(shares: Readonly<Record<string, number | undefined>>, registry: TaskRegistry): Readonly<Record<string, number>> {
  return Object.fromEntries(enabledTasks(registry).map(({ id }) => [id, shares[id] ?? 0]));
}

/** Mistakes between settings that are right one by one. */
export async function checkValidatorSettings(settings: CheckedSettings<ValidatorSettings>): Promise<readonly SettingProblem[]> {
  const { seen } = settings;
  return [
    ...checkChainPlace(settings),
    ...(await checkHotkeySource(settings)),
    ...checkListeners(seen),
    ...checkProbing(seen),
    ...checkRetention(seen),
    ...checkTaskWeights(seen),
    ...(await checkReferenceSettings(seen.references ?? [], {
      registry: seen.taskChanges,
      // Those of a validator that checks nothing itself are on other machines.
      lookFor: seen.checks?.isOwn === false ? async () => [] : findMissingFile,
    })),
  ];
}

type Seen = CheckedSettings<ValidatorSettings>["seen"];

function checkListeners({ gateway = {}, metrics = {} }: Seen): readonly SettingProblem[] {
  const isOn = gateway.isEnabled !== false && metrics.isEnabled !== false;
  if (!isOn || !isSamePlace(gateway, metrics)) return [];
  return [{ path: ["metrics", "port"], message: "is the gateway's port too; give each its own" }];
}

const wildcardHosts = ["0.0.0.0", "::"];

type Listener = { readonly host?: string | undefined; readonly port?: number | undefined };

/** True when two listeners would be in each other's way. Port 0 takes a free one. */
function isSamePlace(one: Listener, other: Listener): boolean {
  if (one.host === undefined || other.host === undefined || one.port === undefined) return false;
  const isSameHost = one.host === other.host || wildcardHosts.includes(one.host) || wildcardHosts.includes(other.host);
  return one.port !== 0 && one.port === other.port && isSameHost;
}

function checkProbing({ probing = {} }: Seen): readonly SettingProblem[] {
  const { minRequestsPerPeriod = 0, maxRequestsPerPeriod = Number.POSITIVE_INFINITY } = probing;
  const { from = 0, to = 1 } = probing.bigDraws ?? {};
  const problems: SettingProblem[] = [];
  if (minRequestsPerPeriod > maxRequestsPerPeriod) {
    problems.push({ path: ["probing", "minRequestsPerPeriod"], message: "must not be above probing.maxRequestsPerPeriod" });
  }
  if (from > to) problems.push({ path: ["probing", "bigDraws", "from"], message: "must not be above probing.bigDraws.to" });
  return problems;
}

function checkRetention({ retention = {}, weights = {} }: Seen): readonly SettingProblem[] {
  const { historyPeriods = 0 } = weights;
  if (retention.periods === undefined || retention.periods >= historyPeriods) return [];
  const message = `must be at least weights.historyPeriods (${historyPeriods}), which scores rest on`;
  return [{ path: ["retention", "periods"], message }];
}

function checkTaskWeights({ taskWeights = {}, taskChanges: registry }: Seen): readonly SettingProblem[] {
  const { source, shares = {} } = taskWeights;
  const ids = Object.keys(shares);
  if (ids.length === 0 || registry === undefined) return [];
  const problem = (path: readonly string[], message: string): SettingProblem => ({ path: ["taskWeights", ...path], message });
  const known = [...registry.keys()];
  return [
    ...ids.filter((id) => !registry.has(id)).map((id) => problem(["shares", id], `there is no such task; there are ${known.join(", ")}`)),
    ...(source === "votes" ? [problem(["source"], "the shares would not be used; leave them out, or set this to config")] : []),
    ...(Object.values(ownShares(shares, registry)).every((share) => share === 0)
      ? [problem(["shares"], "give at least one task that is switched on a share above 0")]
      : []),
  ];
}
