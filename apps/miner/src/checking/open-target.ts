import { randomBytes } from "node:crypto";
import { type HotkeySurroundings, loadHotkey } from "@vision/program";
import { createHotkeyFromSeed, createMiner, type Logger, ready } from "@vision/sdk";
import { createMinerClient, type MinerClient, type MinerTarget } from "@vision/sdk/client";
import { serve } from "@vision/sdk/node";
import { openBackends } from "../backends/open-backends.js";
import { servedBy } from "../backends/served-by.js";
import type { MinerConfig } from "../config/miner-config.js";
import { createStaticDirectory } from "../validators/static-directory.js";

/** A miner to ask and a client to ask it with. */
export type OpenTarget = { readonly target: MinerTarget; readonly client: MinerClient; close(): Promise<void> };

/** What a target needs of its surroundings. */
export type TargetSurroundings = HotkeySurroundings & { readonly baseDirectory: string; readonly logger: Logger };

/** Answers are looked at here, not how many there may be. */
const ENOUGH_PER_HOUR = 1e9;

/**
 * The configured miner in this process, on a free port of the loopback, for one caller with a key of its own: everything between a validator
 * and the backends is as it is in production. The miner's own key is not touched.
 */
export async function openOwnMiner(config: MinerConfig, { baseDirectory, logger }: TargetSurroundings): Promise<OpenTarget> {
  await ready();
  const backends = await openBackends(config, baseDirectory);
  const [hotkey, caller] = [createHotkeyFromSeed(randomBytes(32)), createHotkeyFromSeed(randomBytes(32))];
  const tasks = Object.fromEntries(Object.entries(config.tasks).map(([id, task]) => [id, { ...task, capacityPerHour: ENOUGH_PER_HOUR }]));
  const validators = createStaticDirectory([caller.address]);
  const miner = createMiner({ hotkey, ...servedBy({ ...config, tasks }, backends), validators, logger });
  const server = await serve(miner, { host: "127.0.0.1", port: 0 });
  const client = createMinerClient({ hotkey: caller });
  return {
    target: { hotkey: hotkey.address, host: "127.0.0.1", port: Number(new URL(server.url).port) },
    client,
    async close() {
      await client.close();
      await server.close();
    },
  };
}

/** A running miner of the configured hotkey. It must serve that hotkey: by `validators.allow`, or because it serves everybody. */
export async function openRunningMiner(url: string, config: MinerConfig, { environment }: TargetSurroundings): Promise<OpenTarget> {
  const hotkey = await loadHotkey(config, { environment });
  const { hostname, port, protocol } = new URL(url);
  const client = createMinerClient({ hotkey });
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return {
    target: { hotkey: hotkey.address, host, port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) },
    client,
    close: () => client.close(),
  };
}
