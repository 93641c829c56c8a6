import type { LoadedConfig } from "../config/load-config.js";
import { createLogger } from "../logging/create-logger.js";
import { startMiner } from "../start-miner.js";

/** Shutdown is cut off after this long, milliseconds, so that a stuck backend cannot keep the process alive. */
const SHUTDOWN_MS = 4800;

/**
 * `vision-miner run`: serves until SIGTERM, SIGINT or the end of the program that started it, then answers what is under way and exits.
 *
 * @returns The process's exit code.
 */
export async function runCommand(loaded: Extract<LoadedConfig, { ok: true }>): Promise<number> {
  const logger = createLogger(loaded.config.logLevel);
  // Listening for the signals first: one that comes while the miner starts must not be lost.
  const stop = stopSignal();
  try {
    const starting = startMiner(loaded.config, { baseDirectory: loaded.baseDirectory, environment: process.env, logger });
    const server = await Promise.race([starting, stop.then(() => null)]);
    if (server === null) {
      logger.info("Miner was stopped while it started", { reason: await stop });
      return 0;
    }
    logger.info("Miner is stopping", { reason: await stop });
    const isClosed = await Promise.race([server.close().then(() => true), elapsed(SHUTDOWN_MS)]);
    if (!isClosed) logger.warn("The miner did not stop in time and was cut off", { shutdownMs: SHUTDOWN_MS });
    else logger.info("Miner has stopped");
    return 0;
  } catch (error) {
    logger.error("The miner cannot run", { error });
    return 1;
  }
}

/** Resolves when the miner is to stop. A program that was started with a channel to its parent must not outlive it. */
function stopSignal(): Promise<NodeJS.Signals | "disconnect"> {
  return new Promise((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
    if (process.channel !== undefined) process.once("disconnect", () => resolve("disconnect"));
    // The parent may be gone already: there was a channel, and it is closed.
    if (process.connected === false) resolve("disconnect");
  });
}

function elapsed(durationMs: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), durationMs).unref();
  });
}
