import { existsSync } from "node:fs";
import { describeSettings, type ExitCode, exitCodes, loadHotkey, type SettingSources } from "@vision/program";
import { enabledTasks } from "@vision/protocol";
import { canBeChecked } from "../adapters/references.js";
import { loadConfig, tasksFilePath, validatorProgram } from "../config/index.js";
import type { CommandContext } from "./command-context.js";
import { refuseMissingPackages } from "./refuse-missing-packages.js";

/** `vision-validator check-config`: the configuration in force as JSON, or everything that is wrong with it. Reads the hotkey, connects nowhere. */
export async function checkConfig(sources: SettingSources, context: CommandContext): Promise<ExitCode> {
  const config = await loadConfig(sources);
  const { address } = await loadHotkey(config, { environment: context.environment });
  const { taskBase: _, registry, ...shown } = config;
  context.writeOut(`${describeSettings(validatorProgram, { ...shown, tasks: Object.fromEntries(registry) })}\n`);
  const unchecked = enabledTasks(config.registry).filter((task) => !canBeChecked(task, config.references));
  for (const { id } of unchecked) {
    context.writeError(
      `No reference can check the answers of the enabled task ${id}, so it would pay nobody. Name a model for it in references, or switch it off: vision-validator tasks disable ${id}\n`,
    );
  }
  // The default one is written by the first change of a task; one that is named, and not there, may be misspelt.
  const { tasksFile, database } = config;
  if (tasksFile !== tasksFilePath(undefined, database.dataDir) && !existsSync(tasksFile)) {
    context.writeError(`Warning: there is no file ${tasksFile} (tasksFile), so the tasks are those of the configuration.\n`);
  }
  const isIncomplete = config.checks.isOwn && refuseMissingPackages(config.references, context);
  if (unchecked.length > 0 || isIncomplete) return exitCodes.misused;
  context.writeError(`The configuration is good. The validator's hotkey is ${address}.\n`);
  return exitCodes.ok;
}
