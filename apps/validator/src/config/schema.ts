import { isIP } from "node:net";
import {
  type CheckedSettings,
  checkChainPlace,
  checkHotkeySource,
  defineProgram,
  doctorSection,
  hotkeySection,
  isSamePlace,
  logSection,
  netuidSetting,
  networkSetting,
  type SettingProblem,
  tracesSection,
  updatesSection,
  walletSection,
} from "@vision/program";
import { changeRegistry, type TaskRegistry } from "@vision/protocol";
import type { ScoringParams } from "@vision/scoring";
import type { CheckParams, ProbingParams } from "@vision/scoring/probing";
import type { z } from "zod";
import { toReachableEndpoint } from "../domain/endpoint.js";
import type { TaskShares, TaskWeightSource } from "../domain/task-weights.js";
import type { WeightParams } from "../domain/weight-params.js";
import { checkReferenceSettings, findModelFile, type ReferenceSettings, referencesSetting } from "./reference-settings.js";
import { checkRequestsFile } from "./requests-file.js";
import {
  chainSection,
  checksSection,
  databaseSection,
  gatewaySection,
  metricsSection,
  periodSection,
  probingSection,
  redisSection,
  retentionSection,
  scoringSection,
  syntheticRequestsSection,
  taskChangesSection,
  tasksFileSetting,
  taskWeightsSection,
  weightsSection,
} from "./sections.js";
import { checkTasksLeft, type TaskBase, toTaskSettings, toTaskWeights } from "./task-settings.js";
import { emptyTasksFile, type TasksFile, tasksFilePath } from "./tasks-file.js";

/** The validator's settings. */
export const validatorProgram = defineProgram("validator", {
  network: networkSetting,
  netuid: netuidSetting,
  chain: chainSection,
  wallet: walletSection,
  hotkey: hotkeySection,
  database: databaseSection,
  redis: redisSection,
  gateway: gatewaySection,
  metrics: metricsSection,
  traces: tracesSection,
  period: periodSection,
  probing: probingSection,
  syntheticRequests: syntheticRequestsSection,
  checks: checksSection,
  weights: weightsSection,
  retention: retentionSection,
  scoring: scoringSection,
  taskChanges: taskChangesSection,
  tasksFile: tasksFileSetting,
  taskWeights: taskWeightsSection,
  references: referencesSetting,
  doctor: doctorSection,
  updates: updatesSection,
  log: logSection,
});

/** The settings as they are read, before anything is made of them. */
export type ValidatorSettings = z.output<z.ZodObject<typeof validatorProgram.shape>>;

/** Everything that a validator is told from outside, parsed. Plain data; nothing else reads the environment. */
export type ValidatorConfig = Omit<
  ValidatorSettings,
  "period" | "probing" | "retention" | "taskChanges" | "tasksFile" | "taskWeights" | "references"
> & {
  readonly probing: ProbingParams;
  readonly checks: CheckParams & { readonly isOwn: boolean };
  readonly scoring: ScoringParams;
  readonly weights: WeightParams;
  /** Periods that rows are kept for. */
  readonly retentionPeriods: number;
  /** The file of tasks, there or not. */
  readonly tasksFile: string;
  /** What the configuration says of tasks without the file. */
  readonly taskBase: TaskBase;
  /** The protocol's tasks with this validator's changes, the file's included. */
  readonly registry: TaskRegistry;
  /** Votes on chain, unless shares of its own are given. */
  readonly taskWeights: TaskWeightSource;
  /** Models beside the embedded ones. */
  readonly references: readonly ReferenceSettings[];
};

/** Rows are kept for a day of one-hour periods longer than scores rest on them. */
const SPARE_PERIODS = 24;

/** What the settings amount to, with the file of tasks put over them. */
export function toValidatorConfig(
  { period, probing, retention, taskChanges, tasksFile, taskWeights, references, ...settings }: ValidatorSettings,
  tasks: TasksFile = emptyTasksFile,
): ValidatorConfig {
  const taskBase = { registry: taskChanges, taskWeights, references, areModelsHere: settings.checks.isOwn };
  return {
    ...settings,
    probing: { ...probing, periodMs: period.lengthMs },
    retentionPeriods: retention.periods ?? settings.weights.historyPeriods + SPARE_PERIODS,
    tasksFile: tasksFilePath(tasksFile, settings.database.dataDir),
    taskBase,
    ...toTaskSettings(taskBase, tasks),
  };
}

/**
 * Mistakes between settings that are right one by one.
 *
 * @param tasks - What the file of tasks says; null where it is no good, and what depends on it is not looked at.
 */
export async function checkValidatorSettings(
  settings: CheckedSettings<ValidatorSettings>,
  tasks: TasksFile | null = emptyTasksFile,
): Promise<readonly SettingProblem[]> {
  const { seen } = settings;
  return [
    ...checkChainPlace(settings),
    ...(await checkHotkeySource(settings)),
    ...checkListeners(seen),
    ...checkAnnounced(seen),
    ...checkSeparateGateways(settings),
    ...checkProbing(seen),
    ...checkRetention(seen),
    ...(await checkTaskSettings(seen, tasks)),
    ...(await checkRequestsFile(seen.syntheticRequests?.file, registryOf(seen, tasks))),
  ];
}

/** What of the tasks, their shares and their references does not fit. */
export async function checkTaskSettings(
  seen: Pick<Seen, "taskChanges" | "taskWeights" | "references" | "checks">,
  tasks: TasksFile | null,
): Promise<readonly SettingProblem[]> {
  const registry = registryOf(seen, tasks);
  return [
    ...(registry === undefined ? [] : checkTasks(seen, { registry, shares: tasks?.shares ?? {} })),
    ...(await checkReferenceSettings(seen.references ?? [], { registry, lookFor: findModelFile(seen.checks?.isOwn) })),
  ];
}

/** All tasks, where what is said of them is good. */
function registryOf({ taskChanges }: Pick<Seen, "taskChanges">, tasks: TasksFile | null): TaskRegistry | undefined {
  return taskChanges === undefined || tasks === null ? undefined : changeRegistry(taskChanges, tasks.tasks);
}

type Seen = CheckedSettings<ValidatorSettings>["seen"];

/** Two listeners in one place. */
export function checkListeners({ gateway = {}, metrics = {} }: Pick<Seen, "gateway" | "metrics">): readonly SettingProblem[] {
  if (gateway.isSeparate === true) return [];
  const isOn = gateway.isEnabled !== false && metrics.isEnabled !== false;
  if (!isOn || !isSamePlace(gateway, metrics)) return [];
  return [{ path: ["metrics", "port"], message: "is the gateway's port too; give each its own" }];
}

/** An address that nobody could reach would be published for nothing. */
function checkAnnounced({ gateway = {}, chain = {} }: Seen): readonly SettingProblem[] {
  const { announce, isEnabled } = gateway;
  if (announce?.host === undefined) return [];
  if (isEnabled === false)
    return [{ path: ["gateway", "announce"], message: "cannot be given where gateway.isEnabled is false; remove one of them" }];
  const path = ["gateway", "announce", "host"];
  const { host } = announce;
  if (isIP(host) === 0 || host.includes("%")) return [{ path, message: "must be an IP address; the chain holds no names" }];
  if (toReachableEndpoint({ host, port: 1 }, chain.arePrivateEndpointsAllowed === true) !== null) return [];
  return [{ path, message: "is no address of the public internet, so no miner can reach it; give the one that others see you under" }];
}

/** Gateways of their own find the validator in its database, and share with it what miners have free. */
export function checkSeparateGateways({ seen, isGiven }: CheckedSettings<Pick<ValidatorSettings, "gateway">>): readonly SettingProblem[] {
  const { isSeparate, isEnabled } = seen.gateway ?? {};
  if (isSeparate !== true || isEnabled === false) return [];
  const needs = (section: string, what: string): readonly SettingProblem[] =>
    isGiven(section, "url") ? [] : [{ path: [section, "url"], message: `is missing; gateway.isSeparate needs ${what}`, isMissing: true }];
  return [
    ...needs("database", "a PostgreSQL that the gateways reach too, not the embedded one"),
    ...needs("redis", "a Redis that counts what all of them take of miners"),
  ];
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

function checkTasks(
  { taskWeights = {} }: Pick<Seen, "taskWeights">,
  { registry, shares: sharesOfFile }: { readonly registry: TaskRegistry; readonly shares: TaskShares },
): readonly SettingProblem[] {
  const { source, shares = {} } = taskWeights;
  const problem = (path: readonly string[], message: string): SettingProblem => ({ path: ["taskWeights", ...path], message });
  const known = [...registry.keys()];
  const ids = Object.keys(shares);
  return [
    ...ids.filter((id) => !registry.has(id)).map((id) => problem(["shares", id], `there is no such task; there are ${known.join(", ")}`)),
    ...(source === "votes" && ids.length > 0
      ? [problem(["source"], "the shares would not be used; leave them out, or set this to config")]
      : []),
    ...checkTasksLeft({ registry, taskWeights: toTaskWeights({ source, shares }, { registry, shares: sharesOfFile }) }),
  ];
}
