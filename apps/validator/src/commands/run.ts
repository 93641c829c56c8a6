import { createLogger, type ExitCode, exitCodes, type SettingSources } from "@vision/program";
import { loadConfig } from "../config/index.js";
import { createValidator } from "../create-validator.js";
import { bundledThread } from "../threads/service-thread.js";
import type { CommandContext } from "./command-context.js";

/** `vision-validator run`: runs until it is told to stop. */
export async function run(sources: SettingSources, context: CommandContext): Promise<ExitCode> {
  const formerNames: Parameters<SettingSources["warn"]>[0][] = [];
  const config = await loadConfig({ ...sources, warn: (use) => formerNames.push(use) });
  const logger = createLogger({ level: config.log.level });
  for (const use of formerNames) logger.warn("A setting has a new name; the next release takes no other", use);
  const validator = await createValidator({
    config,
    signal: context.signal,
    ...(context.onReread === undefined ? {} : { onReread: context.onReread }),
    environment: context.environment,
    parts: { logger },
    threads: {
      gateway: bundledThread("gateway-thread.js"),
      prober: bundledThread("prober-thread.js"),
      model: bundledThread("reference-process.js"),
    },
  });
  // Whatever ends the process by surprise: what is in memory is kept for the next start.
  const spill = () => validator.core.spill();
  process.once("uncaughtExceptionMonitor", spill);
  await validator.run(context.signal);
  process.off("uncaughtExceptionMonitor", spill);
  return exitCodes.ok;
}
