import { checkChainPlace, loadSettings, type SettingSources } from "@vision/program";
import { checkValidatorSettings, toValidatorConfig, type ValidatorConfig, validatorProgram } from "./schema.js";

/** The validator's configuration. @throws VisionError `CONFIG_INVALID` with every problem at once. */
export async function loadConfig(sources: SettingSources): Promise<ValidatorConfig> {
  const { settings } = await loadSettings(validatorProgram, validatorProgram.shape, { sources, check: checkValidatorSettings });
  return toValidatorConfig(settings);
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
