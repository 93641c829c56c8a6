import { createEmbeddedSubnet } from "./embedded-subnet.js";
import type { LocalMiner } from "./identities.js";
import type { ProfileBackendOptions } from "./profile-backend.js";
import { type LocalSubnet, scaleCapacity } from "./subnet.js";

export type MinerConfigOptions = {
  readonly miner: LocalMiner;
  /** Left out, it serves no metrics. */
  readonly metricsPort?: number;
  readonly chainUrl: string;
  readonly netuid: number;
  /** Path of the built profile backend. */
  readonly profileBackendPath: string;
  /** By name: where to ask for capacity that several miners share. */
  readonly sharedMachineUrls?: Readonly<Record<string, string>>;
  /** Left out, the one on embedded models. */
  readonly subnet?: LocalSubnet;
};

/** Configuration file of the reference miner for one profile. */
export function createMinerConfig({
  miner,
  metricsPort,
  chainUrl,
  netuid,
  profileBackendPath,
  sharedMachineUrls = {},
  subnet = createEmbeddedSubnet(),
}: MinerConfigOptions): object {
  const { profile } = miner;
  const { behaviour } = profile;
  const declared = scaleCapacity(subnet, profile.declaredCapacityFactor);
  const { limitCapacityFactor, sharedMachine } = behaviour;
  const options: ProfileBackendOptions = {
    paceFraction: behaviour.paceFraction,
    failingFraction: behaviour.failingFraction,
    limitPerHour: limitCapacityFactor === null || sharedMachine !== null ? null : scaleCapacity(subnet, limitCapacityFactor),
    sharedMachineUrl: sharedMachine === null ? null : urlOf(sharedMachine, sharedMachineUrls),
    overflow: behaviour.overflow,
    hasHalfImageSteps: behaviour.hasCheaperModel,
    isCutShort: behaviour.isCutShort,
    hasOwnSeed: behaviour.hasOwnSeed,
  };
  return {
    hotkey: { uri: miner.hotkeyUri, areDevKeysAllowed: true },
    // A free one, which it publishes: no port that was free when it was chosen can be somebody else's by now.
    listen: { host: "127.0.0.1", port: 0 },
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
    chain: { announce: { host: "127.0.0.2" } },
    ...(metricsPort === undefined ? {} : { metrics: { isEnabled: true, port: metricsPort } }),
    log: { level: "info" },
  };
}

function urlOf(machine: string, urls: Readonly<Record<string, string>>): string {
  const url = urls[machine];
  if (url === undefined) throw new Error(`Nobody said where the machine "${machine}" is that miners share.`);
  return url;
}
