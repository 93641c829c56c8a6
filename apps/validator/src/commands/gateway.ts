import { createLogger, type ExitCode, exitCodes, type SettingSources } from "@vision/program";
import { loadGatewayConfig } from "../config/index.js";
import { runGateway } from "../create-gateway-program.js";
import { bundledThread } from "../threads/service-thread.js";
import type { CommandContext } from "./command-context.js";

/** `vision-validator gateway`: serves users until it is told to stop. */
export async function gateway(sources: SettingSources, { environment, signal }: CommandContext): Promise<ExitCode> {
  const config = await loadGatewayConfig(sources);
  const logger = createLogger({ level: config.log.level });
  let spill: () => void = () => undefined;
  // Whatever ends the process by surprise: what is in memory is kept for the next start.
  const onFault = () => spill();
  process.once("uncaughtExceptionMonitor", onFault);
  await runGateway({
    ...{ config, logger, signal, environment, proberUrl: bundledThread("prober-thread.js") },
    onSpill(listener) {
      spill = listener;
    },
  });
  process.off("uncaughtExceptionMonitor", onFault);
  return exitCodes.ok;
}
