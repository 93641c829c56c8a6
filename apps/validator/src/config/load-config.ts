import {
  checkChainPlace,
  checkHotkeySource,
  findMissingFile,
  invalidSettings,
  loadSettings,
  placeInFile,
  type SettingSources,
  type SourceProblem,
} from "@vision/program";
import { changeRegistry, type TaskRegistry, VisionError } from "@vision/protocol";
import type { TaskShares } from "../domain/task-weights.js";
import { checkReferenceSettings, findModelFile } from "./reference-settings.js";
import {
  checkListeners,
  checkSeparateGateways,
  checkTaskSettings,
  checkValidatorSettings,
  toValidatorConfig,
  type ValidatorConfig,
  validatorProgram,
} from "./schema.js";
import { checkTasksFile, type TaskBase, type TaskSettings, toTaskSettings } from "./task-settings.js";
import { emptyTasksFile, readTasksFile, type TasksFile, tasksFilePath } from "./tasks-file.js";

/** The validator's configuration, with its file of tasks. @throws VisionError `CONFIG_INVALID` with every problem at once. */
export async function loadConfig(sources: SettingSources): Promise<ValidatorConfig> {
  return withTasksFile(async (look) => {
    let tasks: TasksFile | null = emptyTasksFile;
    const { settings } = await loadSettings(validatorProgram, validatorProgram.shape, {
      sources,
      async check(given) {
        tasks = await look(given.seen);
        return checkValidatorSettings(given, tasks);
      },
    });
    return toValidatorConfig(settings, tasks ?? emptyTasksFile);
  });
}

/** Sections of the settings that a checker needs. */
export const checkerSections = ["database", "metrics", "checks", "taskChanges", "tasksFile", "references", "log"] as const;

/** What a checker needs of a validator's settings. */
export type CheckerConfig = Pick<ValidatorConfig, "checks" | "metrics" | "tasksFile" | "taskBase" | "log" | keyof TaskSettings> & {
  readonly database: ValidatorConfig["database"] & { readonly url: string };
};

const missingUrl = {
  path: ["database", "url"],
  message: "is missing; a checker works on the validator's PostgreSQL, not on an embedded one",
  isMissing: true,
};

/** A checker's part of a validator's configuration: no key, and no database but PostgreSQL by its URL. @throws VisionError `CONFIG_INVALID`. */
export async function loadCheckerConfig(sources: SettingSources): Promise<CheckerConfig> {
  const { database, metrics, checks, taskChanges, tasksFile, references, log } = validatorProgram.shape;
  return withTasksFile(async (look) => {
    let tasks: TasksFile | null = emptyTasksFile;
    const part = { database, metrics, checks, taskChanges, tasksFile, references, log };
    const { settings } = await loadSettings(validatorProgram, part, {
      sources,
      async check({ seen, isGiven }) {
        tasks = await look({ ...seen, checks: { isOwn: true } });
        const registry = seen.taskChanges === undefined || tasks === null ? undefined : changeRegistry(seen.taskChanges, tasks.tasks);
        return [
          ...(isGiven("database", "url") ? [] : [missingUrl]),
          ...(await checkReferenceSettings(seen.references ?? [], { registry, lookFor: findMissingFile })),
        ];
      },
    });
    const { taskChanges: base, ...rest } = settings;
    const { url = "" } = settings.database;
    const taskBase = { registry: base, references: settings.references, taskWeights: { shares: {} } };
    const path = tasksFilePath(settings.tasksFile, settings.database.dataDir);
    const now = toTaskSettings(taskBase, tasks ?? emptyTasksFile);
    return { ...rest, database: { ...settings.database, url }, tasksFile: path, taskBase, ...now };
  });
}

/** Sections of the settings that a gateway in a process of its own needs. */
export const gatewaySections = ["wallet", "hotkey", "database", "redis", "gateway", "metrics", "traces", "checks", "log"] as const;

/** What a gateway in a process of its own needs of a validator's settings; tasks and miners it is told by the validator. */
export type GatewayConfig = Pick<ValidatorConfig, "wallet" | "hotkey" | "gateway" | "metrics" | "traces" | "checks" | "log"> & {
  readonly database: ValidatorConfig["database"] & { readonly url: string };
  readonly redis: { readonly url: string };
};

/** A gateway's part of a validator's configuration. @throws VisionError `CONFIG_INVALID`. */
export async function loadGatewayConfig(sources: SettingSources): Promise<GatewayConfig> {
  const { wallet, hotkey, database, redis, gateway, metrics, traces, checks, log } = validatorProgram.shape;
  const part = { wallet, hotkey, database, redis, gateway, metrics, traces, checks, log };
  const { settings } = await loadSettings(validatorProgram, part, {
    sources,
    async check(given) {
      const { isSeparate, isEnabled } = given.seen.gateway ?? {};
      return [
        ...(await checkHotkeySource(given)),
        ...(isSeparate === false ? [notSeparate] : []),
        ...(isEnabled === false ? [switchedOff] : []),
        ...checkSeparateGateways(given),
        ...checkListeners({ ...given.seen, gateway: { ...given.seen.gateway, isSeparate: false } }),
      ];
    },
  });
  const { url = "" } = settings.database;
  return { ...settings, database: { ...settings.database, url }, redis: { url: settings.redis.url ?? "" } };
}

const notSeparate = {
  path: ["gateway", "isSeparate"],
  message: "must be true, here and at the validator, or the validator serves the API itself and tells gateways nothing",
};
const switchedOff = { path: ["gateway", "isEnabled"], message: "is false, so there is no API to serve" };

/** Sections of the settings that say what of the tasks. */
export const taskSections = ["database", "checks", "taskChanges", "tasksFile", "taskWeights", "references"] as const;

/** What commands that look at tasks, or change them, need. */
export type TaskConfig = { readonly tasksFile: string; readonly base: TaskBase; readonly settings: TaskSettings };

/** Only what is said of tasks, in the configuration and in the file. @throws VisionError `CONFIG_INVALID`. */
export async function loadTaskConfig(sources: SettingSources): Promise<TaskConfig> {
  const { database, checks, taskChanges, tasksFile, taskWeights, references } = validatorProgram.shape;
  return withTasksFile(async (look) => {
    let tasks: TasksFile | null = emptyTasksFile;
    const part = { database, checks, taskChanges, tasksFile, taskWeights, references };
    const { settings } = await loadSettings(validatorProgram, part, {
      sources,
      async check({ seen }) {
        tasks = await look(seen);
        return checkTaskSettings(seen, tasks);
      },
    });
    const base = {
      ...{ registry: settings.taskChanges, references: settings.references, taskWeights: settings.taskWeights },
      areModelsHere: settings.checks.isOwn,
    };
    return {
      tasksFile: tasksFilePath(settings.tasksFile, settings.database.dataDir),
      base,
      settings: toTaskSettings(base, tasks ?? emptyTasksFile),
    };
  });
}

/** What commands that only read the chain need. */
export type ChainConfig = Pick<ValidatorConfig, "network" | "netuid" | "chain" | "registry"> & {
  /** Shares that stand in where nobody voted, before the registry's own. */
  readonly defaultShares: TaskShares;
};

/** Only the chain's settings and the tasks, for commands that sign nothing. @throws VisionError `CONFIG_INVALID`. */
export async function loadChainConfig(sources: SettingSources): Promise<ChainConfig> {
  const { network, netuid, chain, taskChanges, tasksFile, database } = validatorProgram.shape;
  return withTasksFile(async (look) => {
    let tasks: TasksFile | null = emptyTasksFile;
    const part = { network, netuid, chain, taskChanges, tasksFile, database };
    const { settings } = await loadSettings(validatorProgram, part, {
      sources,
      async check(given) {
        // No model is asked anything here, so its file may be anywhere.
        tasks = await look({ ...given.seen, checks: { isOwn: false } });
        return checkChainPlace(given);
      },
    });
    const { tasks: changes, shares } = tasks ?? emptyTasksFile;
    const base = { registry: settings.taskChanges, references: [], taskWeights: { shares: {} } };
    const { registry } = toTaskSettings(base, { tasks: changes, references: [], shares });
    return { ...settings, registry, defaultShares: shares };
  });
}

/** Only the database's settings, for commands that need nothing else. @throws VisionError `CONFIG_INVALID`. */
export async function loadDatabaseConfig(sources: SettingSources): Promise<ValidatorConfig["database"]> {
  const { database } = validatorProgram.shape;
  return (await loadSettings(validatorProgram, { database }, { sources })).settings.database;
}

/** As much of the settings as says where the file is and what it is put over. */
type Seen = {
  readonly database?: { readonly dataDir?: string | undefined } | undefined;
  readonly tasksFile?: string | undefined;
  readonly taskChanges?: TaskRegistry | undefined;
  readonly checks?: { readonly isOwn?: boolean | undefined } | undefined;
};

/**
 * Loads settings that the file of tasks is put over, and tells its problems with theirs.
 *
 * @param load - Given what reads the file; null where that is no good.
 */
async function withTasksFile<Loaded>(load: (look: (seen: Seen) => Promise<TasksFile | null>) => Promise<Loaded>): Promise<Loaded> {
  let problems: readonly SourceProblem[] = [];
  const look = async ({ database, tasksFile, taskChanges, checks }: Seen) => {
    if (tasksFile === undefined && database?.dataDir === undefined) return emptyTasksFile;
    const path = tasksFilePath(tasksFile, database?.dataDir ?? "");
    const read = await readTasksFile(path);
    if (read.kind === "read" && taskChanges !== undefined) {
      const found = await checkTasksFile(taskChanges, { file: read.value, lookFor: findModelFile(checks?.isOwn) });
      problems = found.map((problem) => placeInFile(path, problem));
    } else if (read.kind === "refused") problems = read.problems;
    return read.kind === "read" && problems.length === 0 ? read.value : null;
  };
  const loaded = await load(look).catch((error: unknown) => {
    if (problems.length === 0 || !VisionError.isInstance(error, "CONFIG_INVALID")) throw error;
    throw invalidSettings([...(error.facts["problems"] as readonly SourceProblem[]), ...problems]);
  });
  if (problems.length > 0) throw invalidSettings(problems);
  return loaded;
}
