import type { ProgramLogger } from "@vision/program";
import type { MinerConfig } from "./miner-config.js";
import type { ReloadPlan } from "./plan-reload.js";

/** What a reload reads and acts on. */
export type ReloadSurroundings = {
  /** Reads the configuration where it was read at the start. @throws VisionError `CONFIG_INVALID`. */
  readonly load: () => Promise<MinerConfig>;
  /** Resolves once the miner has started. */
  readonly miner: Promise<{ reload(read: MinerConfig): ReloadPlan }>;
  readonly logger: ProgramLogger;
};

/**
 * Reads the configuration again at each call, one at a time; calls while it reads are one more. A configuration with a mistake changes
 * nothing. The log has what changed, what waits for the next start, and what is wrong. Never rejects.
 */
export function createReloader(surroundings: ReloadSurroundings): () => Promise<void> {
  let isReading = false;
  let isWanted = false;
  return async () => {
    isWanted = true;
    if (isReading) return;
    isReading = true;
    while (isWanted) {
      isWanted = false;
      await reloadOnce(surroundings);
    }
    isReading = false;
  };
}

async function reloadOnce({ load, miner, logger }: ReloadSurroundings): Promise<void> {
  try {
    const running = await miner;
    const { next, changed, left } = running.reload(await load());
    logger.setLevel(next.log.level);
    if (changed.length > 0) logger.info("The configuration was read again and has changed", { changed });
    else logger.info("The configuration was read again; nothing that can be changed now is different", {});
    if (left.length > 0) logger.warn("Settings stay as they were until the next start", { settings: left });
  } catch (error) {
    logger.error("The configuration was read again and cannot be used; everything stays as it was", { error });
  }
}
