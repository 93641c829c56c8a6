import { type ConfigSources, loadConfig } from "../config/index.js";
import { createValidator } from "../create-validator.js";
import { type CommandContext, type ExitCode, exitCodes } from "./command-context.js";

/** `vision-validator run`: runs until it is told to stop. */
export async function run(sources: ConfigSources, context: CommandContext): Promise<ExitCode> {
  const config = await loadConfig(sources);
  const validator = await createValidator({ config, signal: context.signal, environment: context.environment });
  await validator.run(context.signal);
  return exitCodes.ok;
}
