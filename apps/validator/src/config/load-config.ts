import { checkChainPlace, findMissingFile, loadSettings, type SettingSources } from "@vision/program";
import { checkReferenceSettings, withTaskContexts } from "./reference-settings.js";
import { checkValidatorSettings, toValidatorConfig, type ValidatorConfig, validatorProgram } from "./schema.js";

/** The validator's configuration. @throws VisionError `CONFIG_INVALID` with every problem at once. */
export async function loadConfig(sources: SettingSources): Promise<ValidatorConfig> {
  const { settings } = await loadSettings(validatorProgram, validatorProgram.shape, { sources, check: checkValidatorSettings });
  return toValidatorConfig(settings);
}

/** Sections of the settings that a checker needs. */
export const checkerSections = ["database", "metrics", "checks", "taskChanges", "references", "log"] as const;

/** What a checker needs of a validator's settings. */
export type CheckerConfig = Pick<ValidatorConfig, "checks" | "metrics" | "registry" | "references" | "log"> & {
  readonly database: ValidatorConfig["database"] & { readonly url: string };
};

const missingUrl = {
  path: ["database", "url"],
  message: "is missing; a checker works on the validator's PostgreSQL, not on an embedded one",
};

/** A checker's part of a validator's configuration: no key, and no database but PostgreSQL by its URL. @throws VisionError `CONFIG_INVALID`. */
export async function loadCheckerConfig(sources: SettingSources): Promise<CheckerConfig> {
  const { database, metrics, checks, taskChanges, references, log } = validatorProgram.shape;
  const { settings } = await loadSettings(
    validatorProgram,
    { database, metrics, checks, taskChanges, references, log },
    {
      sources,
      check: async ({ seen, isGiven }) => [
        ...(isGiven("database", "url") ? [] : [missingUrl]),
        ...(await checkReferenceSettings(seen.references ?? [], { registry: seen.taskChanges, lookFor: findMissingFile })),
      ],
    },
  );
  const { taskChanges: registry, ...rest } = settings;
  const { url = "" } = settings.database;
  return { ...rest, database: { ...settings.database, url }, registry, references: withTaskContexts(settings.references, registry) };
}

/** What commands that only read the chain need. */
export type ChainConfig = Pick<ValidatorConfig, "network" | "netuid" | "chain" | "registry">;

/** Only the chain's settings and the tasks, for commands that sign nothing. @throws VisionError `CONFIG_INVALID`. */
export async function loadChainConfig(sources: SettingSources): Promise<ChainConfig> {
  const { network, netuid, chain, taskChanges } = validatorProgram.shape;
  const { settings } = await loadSettings(validatorProgram, { network, netuid, chain, taskChanges }, { sources, check: checkChainPlace });
  return { ...settings, registry: settings.taskChanges };
}

/** Only the database's settings, for commands that need nothing else. @throws VisionError `CONFIG_INVALID`. */
export async function loadDatabaseConfig(sources: SettingSources): Promise<ValidatorConfig["database"]> {
  const { database } = validatorProgram.shape;
  return (await loadSettings(validatorProgram, { database }, { sources })).settings.database;
}
