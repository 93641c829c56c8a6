import { type ExitCode, exitCodes, loadHotkey } from "@vision/program";
import { enabledTasks } from "@vision/protocol";
import { canEmbeddedCheck } from "../adapters/reference-embedded.js";
import { type ConfigSources, describeConfig, loadConfig } from "../config/index.js";
import type { CommandContext } from "./command-context.js";

/** `vision-validator check-config`: the configuration in force as JSON, or everything that is wrong with it. Reads the hotkey, connects nowhere. */
export async function checkConfig(sources: ConfigSources, context: CommandContext): Promise<ExitCode> {
  const config = await loadConfig(sources);
  const { address } = await loadHotkey(config.hotkey, { baseDirectory: process.cwd(), environment: context.environment });
  context.writeOut(`${JSON.stringify(describeConfig(config), null, 2)}\n`);
  context.writeError(`The configuration is good. The validator's hotkey is ${address}.\n`);
  for (const task of enabledTasks(config.registry)) {
    if (canEmbeddedCheck(task)) continue;
    context.writeError(`Warning: no reference can check the answers of the enabled task ${task.id}, so it pays nobody.\n`);
  }
  return exitCodes.ok;
}
