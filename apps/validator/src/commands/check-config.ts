import { describeSettings, type ExitCode, exitCodes, loadHotkey, type SettingSources } from "@vision/program";
import { enabledTasks } from "@vision/protocol";
import { findMissingPackages } from "../adapters/create-reference-model.js";
import { canBeChecked } from "../adapters/references.js";
import { loadConfig, validatorProgram } from "../config/index.js";
import type { CommandContext } from "./command-context.js";

/** `vision-validator check-config`: the configuration in force as JSON, or everything that is wrong with it. Reads the hotkey, connects nowhere. */
export async function checkConfig(sources: SettingSources, context: CommandContext): Promise<ExitCode> {
  const config = await loadConfig(sources);
  const { address } = await loadHotkey(config, { environment: context.environment });
  context.writeOut(`${describeSettings(validatorProgram, config)}\n`);
  const unchecked = enabledTasks(config.registry).filter((task) => !canBeChecked(task, config.references));
  for (const { id } of unchecked) {
    context.writeError(
      `No reference can check the answers of the enabled task ${id}, so it would pay nobody. Name a model for it in references, or switch it off in taskChanges.\n`,
    );
  }
  const missing = findMissingPackages(config.references);
  for (const name of missing) {
    context.writeError(`The package ${name} is not installed, so references of kind gguf do not work: npm install ${name}\n`);
  }
  if (unchecked.length > 0 || missing.length > 0) return exitCodes.misused;
  context.writeError(`The configuration is good. The validator's hotkey is ${address}.\n`);
  return exitCodes.ok;
}
