import { createEmbeddedSubnet } from "./embedded-subnet.js";
import type { LocalValidator } from "./identities.js";
import type { LocalSubnet } from "./subnet.js";

export type ValidatorConfigOptions = {
  readonly validator: LocalValidator;
  readonly chainUrl: string;
  readonly netuid: number;
  readonly periodMs: number;
  readonly dataDir: string;
  readonly gatewayPort: number;
  readonly metricsPort: number;
  /** Left out, nobody is let in as the operator. */
  readonly operatorToken?: string;
  /** By hotkey. */
  readonly minerNames: Readonly<Record<string, string>>;
  /** Left out, the one on embedded models. */
  readonly subnet?: LocalSubnet;
};

/**
 * Configuration file of the validator for a local subnet: periods of seconds instead of an hour, so a larger share of the capacities is
 * tried, and the larger the capacity the larger the share.
 */
export function createValidatorConfig({ subnet = createEmbeddedSubnet(), ...options }: ValidatorConfigOptions): object {
  return {
    network: options.chainUrl,
    netuid: options.netuid,
    chain: { arePrivateEndpointsAllowed: true },
    hotkey: { uri: options.validator.hotkeyUri, areDevKeysAllowed: true },
    database: { dataDir: options.dataDir },
    gateway: { host: "127.0.0.1", port: options.gatewayPort, minerNames: options.minerNames, operatorToken: options.operatorToken },
    metrics: { host: "127.0.0.1", port: options.metricsPort },
    period: { lengthMs: options.periodMs },
    probing: {
      shareBands: [{ probability: 1, ...subnet.triedShare }],
      shareFloor: [
        { capacityRequests: 20, fraction: 0.5 },
        { capacityRequests: 60, fraction: 0.8 },
      ],
      // Every period tries much already, and leaves room for users.
      bigDraws: { probabilityPerHour: 0, untriedProbabilityPerHour: 0 },
      minRequestsPerPeriod: 3,
      maxRequestsPerPeriod: 200,
      sendWindowFraction: 0.85,
    },
    checks: { targetPerMinerTaskPeriod: 4, minFraction: 0.05, idleMs: 100 },
    // Half of a capacity is tried at least, so half of it proves the whole. In seconds a burst fills a miner that has room over an hour, and one failure is much of a plan.
    scoring: { overrides: { capacity: { headroom: 2, missPower: 0.5, missTolerance: 0.1 } } },
    weights: { minClosedPeriods: 1, leadBlocks: 4, retryDelayMs: 500 },
    log: { level: "info" },
    ...subnet.validatorSettings,
  };
}
