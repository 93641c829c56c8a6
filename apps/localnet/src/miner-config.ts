import type { LocalMiner } from "./identities.js";
import type { ProfileBackendOptions } from "./profile-backend.js";

/** Work units per hour that a factor of 1 stands for. Chosen so that eight miners and all checks fit on two cores. */
const baseCapacityPerHour: Readonly<Record<string, number>> = {
  "chat-tiny": 28_800,
  "completion-tiny": 28_800,
  "image-tiny": 3_840,
};

export type MinerConfigOptions = {
  readonly miner: LocalMiner;
  readonly port: number;
  readonly chainUrl: string;
  readonly netuid: number;
  /** Path of the built profile backend. */
  readonly profileBackendPath: string;
};

/** Configuration file of the reference miner for one profile. */
export function createMinerConfig({ miner, port, chainUrl, netuid, profileBackendPath }: MinerConfigOptions): object {
  const { profile } = miner;
  const { behaviour } = profile;
  const scaled = (factor: number) => Object.fromEntries(Object.entries(baseCapacityPerHour).map(([id, units]) => [id, units * factor]));
  const declared = scaled(profile.declaredCapacityFactor);
  const options: ProfileBackendOptions = {
    paceFraction: behaviour.paceFraction,
    failingFraction: behaviour.failingFraction,
    limitPerHour: behaviour.limitCapacityFactor === null ? null : scaled(behaviour.limitCapacityFactor),
    hasHalfImageSteps: behaviour.hasCheaperModel,
  };
  return {
    hotkey: { uri: miner.hotkeyUri, areDevKeysAllowed: true },
    listen: { host: "127.0.0.1", port },
    tasks: Object.fromEntries(
      Object.entries(declared).map(([id, capacityPerHour]) => [
        id,
        { capacityPerHour, concurrency: profile.concurrency, backend: "profile" },
      ]),
    ),
    backends: {
      profile: {
        kind: "module",
        path: profileBackendPath,
        options,
        inner: { kind: "tiny", ...(behaviour.hasCheaperModel ? { model: "tiny-lm-small-q8_0" } : {}) },
      },
    },
    // The chain refuses 127.0.0.1; 127.0.0.2 is this machine as well and stands for it in development.
    network: chainUrl,
    netuid,
    chain: { announce: { host: "127.0.0.2", port } },
    log: { level: "info" },
  };
}
