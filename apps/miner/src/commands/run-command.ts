import { createLogger, type ExitCode, exitCodes, type LoadedSettings, reportFailure, type SettingSources } from "@vision/program";
import type { MinerConfig } from "../config/miner-config.js";
import { startMiner } from "../start-miner.js";

/**
 * `vision-miner run`: serves until SIGTERM, SIGINT, SIGHUP or the end of the program that started it, then answers what is under way
 * and exits. A second signal ends it at once.
 *
 * @returns The process's exit code.
 */
export async function runCommand(
  { settings, folder }: LoadedSettings<MinerConfig>,
  formerNames: readonly Parameters<SettingSources["warn"]>[0][],
): Promise<ExitCode> {
  const logger = createLogger({ level: settings.log.level });
  for (const use of formerNames) logger.warn("A setting has a new name; the next release takes no other", use);
  // Listening for the signals first: one that comes while the miner starts must not be lost.
  const { stop, again } = stopSignals();
  try {
    const starting = startMiner(settings, { baseDirectory: folder, environment: process.env, logger });
    const server = await Promise.race([starting, stop.then(() => null)]);
    if (server === null) {
      logger.info("Miner was stopped while it started", { reason: await stop });
      return exitCodes.ok;
    }
    logger.info("Miner is stopping", { reason: await stop });
    const isClosed = await Promise.race([server.close().then(() => true), again.then(() => false)]);
    if (isClosed) logger.info("Miner has stopped");
    else logger.warn("The miner was told to stop again and cut off what was under way");
    return exitCodes.ok;
  } catch (error) {
    logger.error("The miner cannot run", { error });
    return reportFailure(error).exitCode;
  }
}

type StopReason = NodeJS.Signals | "disconnect";

/** The first time that the miner is told to stop, and the second. A program that was started with a channel to its parent must not outlive it. */
function stopSignals(): { readonly stop: Promise<StopReason>; readonly again: Promise<StopReason> } {
  let onStop: (reason: StopReason) => void = () => {};
  let onAgain: (reason: StopReason) => void = () => {};
  const stop = new Promise<StopReason>((resolve) => {
    onStop = resolve;
  });
  const again = new Promise<StopReason>((resolve) => {
    onAgain = resolve;
  });
  let isStopping = false;
  const tell = (reason: StopReason) => {
    if (isStopping) onAgain(reason);
    isStopping = true;
    onStop(reason);
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => tell(signal));
  if (process.channel !== undefined) process.once("disconnect", () => tell("disconnect"));
  // The parent may be gone already: there was a channel, and it is closed.
  if (process.connected === false) tell("disconnect");
  return { stop, again };
}
