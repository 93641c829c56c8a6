import { describeSettings, type ExitCode, exitCodes, loadHotkey, type SettingSources } from "@vision/program";
import { enabledTasks } from "@vision/protocol";
import { canEmbeddedCheck } from "../adapters/reference-embedded.js";
import { loadConfig, validatorProgram } from "../config/index.js";
import type { CommandContext } from "./command-context.js";

/** `vision-validator check-config`: the configuration in force as JSON, or everything that is wrong with it. Reads the hotkey, connects nowhere. */
export async function checkConfig(sources: SettingSources, context: CommandContext): Promise<ExitCode> {
  const config = await loadConfig(sources);
  const { address } = await loadHotkey(config, { environment: context.environment });
  context.writeOut(`${describeSettings(validatorProgram, config)}\n`);
  context.writeError(`The configuration is good. The validator's hotkey is ${address}.\n`);
  for (const task of enabledTasks(config.registry)) {
    if (canEmbeddedCheck(task)) continue;
    context.writeError(`Warning: no reference can check the answers of the enabled task ${task.id}, so it pays nobody.\n`);
  }
  return exitCodes.ok;
}
