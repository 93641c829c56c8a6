import { createLogger, type ExitCode, exitCodes, type SettingSources } from "@vision/program";
import { loadCheckerConfig } from "../config/index.js";
import { runChecker } from "../create-checker-program.js";
import { bundledThread } from "../threads/service-thread.js";
import type { CommandContext } from "./command-context.js";
import { refuseMissingPackages } from "./refuse-missing-packages.js";

/** `vision-validator checker`: checks answers until it is told to stop. */
export async function checker(sources: SettingSources, context: CommandContext): Promise<ExitCode> {
  const config = await loadCheckerConfig(sources);
  if (refuseMissingPackages(config.references, context)) return exitCodes.misused;
  const logger = createLogger({ level: config.log.level });
  await runChecker({ config, logger, signal: context.signal, moduleUrl: bundledThread("reference-process.js") });
  return exitCodes.ok;
}
