import type { LocalMiner } from "./identities.js";
import type { ProfileBackendOptions } from "./profile-backend.js";
import { embeddedSubnet, type LocalSubnet } from "./subnet.js";

export type MinerConfigOptions = {
  readonly miner: LocalMiner;
  readonly port: number;
  /** Left out, it serves no metrics. */
  readonly metricsPort?: number;
  readonly chainUrl: string;
  readonly netuid: number;
  /** Path of the built profile backend. */
  readonly profileBackendPath: string;
  /** Left out, the one on embedded models. */
  readonly subnet?: LocalSubnet;
};

/** Configuration file of the reference miner for one profile. */
export function createMinerConfig({
  miner,
  port,
  metricsPort,
  chainUrl,
  netuid,
  profileBackendPath,
  subnet = embeddedSubnet,
}: MinerConfigOptions): object {
  const { profile } = miner;
  const { behaviour } = profile;
  const scaled = (factor: number) => Object.fromEntries(Object.entries(subnet.capacityPerHour).map(([id, units]) => [id, units * factor]));
  const declared = scaled(profile.declaredCapacityFactor);
  const options: ProfileBackendOptions = {
    paceFraction: behaviour.paceFraction,
    failingFraction: behaviour.failingFraction,
    limitPerHour: behaviour.limitCapacityFactor === null ? null : scaled(behaviour.limitCapacityFactor),
    hasHalfImageSteps: behaviour.hasCheaperModel,
    isCutShort: behaviour.isCutShort,
    hasOwnSeed: behaviour.hasOwnSeed,
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
        inner: subnet.backendOf(profile),
      },
    },
    // The chain refuses 127.0.0.1; 127.0.0.2 is this machine as well and stands for it in development.
    network: chainUrl,
    netuid,
    chain: { announce: { host: "127.0.0.2", port } },
    ...(metricsPort === undefined ? {} : { metrics: { isEnabled: true, port: metricsPort } }),
    log: { level: "info" },
  };
}
