import { once } from "node:events";
import {
  createLogger,
  type ExitCode,
  exitCodes,
  type LoadedSettings,
  listenForStop,
  reportFailure,
  type SettingSources,
} from "@vision/program";
import type { MinerConfig } from "../config/miner-config.js";
import { createReloader } from "../config/reload-settings.js";
import { startMiner } from "../start-miner.js";

/** What `run` is given. */
type RunOptions = {
  readonly formerNames: readonly Parameters<SettingSources["warn"]>[0][];
  /** Reads the configuration again, where it was read. */
  readonly load: () => Promise<LoadedSettings<MinerConfig>>;
};

/**
 * `vision-miner run`: serves until SIGTERM, SIGINT, the end of its terminal or of the program that started it, then answers what is under
 * way and exits. A signal more than a second after the first cuts off what is under way. SIGHUP has it read the configuration again.
 *
 * @returns The process's exit code.
 */
export async function runCommand({ settings, folder }: LoadedSettings<MinerConfig>, { formerNames, load }: RunOptions): Promise<ExitCode> {
  const logger = createLogger({ level: settings.log.level });
  for (const use of formerNames) logger.warn("A setting has a new name; the next release takes no other", use);
  // Listening for the signals first: one that comes while the miner starts must not be lost.
  let reload: () => Promise<void> = async () => undefined;
  const stop = listenForStop(process, { onReread: () => void reload() });
  try {
    const starting = startMiner(settings, { baseDirectory: folder, environment: process.env, logger });
    reload = createReloader({ load: async () => (await load()).settings, miner: starting, logger });
    const server = await Promise.race([starting, stop.reason.then(() => null)]);
    if (server === null) {
      logger.info("Miner was stopped while it started", { reason: await stop.reason });
      return exitCodes.ok;
    }
    logger.info("Miner is stopping", { reason: await stop.reason });
    const isClosed = await Promise.race([server.close().then(() => true), once(stop.insisted, "abort").then(() => false)]);
    if (isClosed) logger.info("Miner has stopped");
    else logger.warn("The miner was told to stop again and cut off what was under way");
    return exitCodes.ok;
  } catch (error) {
    logger.error("The miner cannot run", { error });
    return reportFailure(error).exitCode;
  }
}
