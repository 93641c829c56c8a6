import { type ExitCode, exitCodes } from "@vision/program";
import { type ConfigSources, loadConfig } from "../config/index.js";
import { createValidator } from "../create-validator.js";
import { bundledThread } from "../threads/service-thread.js";
import type { CommandContext } from "./command-context.js";

/** `vision-validator run`: runs until it is told to stop. */
export async function run(sources: ConfigSources, context: CommandContext): Promise<ExitCode> {
  const config = await loadConfig(sources);
  const validator = await createValidator({
    config,
    signal: context.signal,
    environment: context.environment,
    threads: { gateway: bundledThread("gateway-thread.js"), prober: bundledThread("prober-thread.js") },
  });
  // Whatever ends the process by surprise: what is in memory is kept for the next start.
  const spill = () => validator.core.spill();
  process.once("uncaughtExceptionMonitor", spill);
  await validator.run(context.signal);
  process.off("uncaughtExceptionMonitor", spill);
  return exitCodes.ok;
}
