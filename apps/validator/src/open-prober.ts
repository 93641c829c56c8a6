import type { LogLevel } from "@vision/program";
import { createMinerClient, type MinerClient } from "@vision/sdk/client";
import type { Hotkey } from "@vision/signing";
import type { ValidatorConfig } from "./config/index.js";
import type { MinerAsker } from "./exchange/index.js";
import type { Clock, Logger, ValidatorMetrics } from "./ports/index.js";
import { createMinerReader } from "./services/miner-reader.js";
import { noteStandstill } from "./services/starvation-watch.js";
import type { Service } from "./services/supervise.js";
import type { LineEnd } from "./threads/parts-line.js";
import { createProberThread } from "./threads/prober-thread.js";

/** How miners are to be asked. */
export type OpenProberOptions = {
  /** Bundled module of its thread; null to ask here. */
  readonly moduleUrl: URL | null;
  readonly hotkeySource: Pick<ValidatorConfig, "wallet" | "hotkey">;
  /** Where the password of an encrypted wallet is looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly controlTimeoutMs: number;
  readonly logLevel: LogLevel;
};

/** What asks miners. */
export type Prober = MinerAsker & Service & { start(): Promise<void>; close(): Promise<void> };

/** Opens what asks miners: in a thread of its own, which reads the hotkey itself, or here with `hotkey`, or with a client that is given. */
export function openProber(
  { moduleUrl, hotkeySource, environment, controlTimeoutMs, logLevel }: OpenProberOptions,
  dependencies: {
    readonly hotkey: Hotkey;
    readonly client?: MinerClient | undefined;
    /** See `ProberThreadDependencies`. */
    readonly line?: LineEnd;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly metrics: Pick<ValidatorMetrics, "standstillSecondsTotal" | "threadRestartsTotal">;
  },
): Prober {
  const { hotkey, line, clock, logger, metrics } = dependencies;
  if (moduleUrl !== null) {
    const { wallet, hotkey: source } = hotkeySource;
    const data = { hotkeySource: { wallet, hotkey: source }, environment: { ...environment }, controlTimeoutMs, logLevel };
    return createProberThread({ moduleUrl, data }, { line, clock, logger, metrics });
  }
  const client = dependencies.client ?? createMinerClient({ hotkey, controlTimeoutMs });
  const reader = createMinerReader({ client, clock, logger, onStandstill: noteStandstill(metrics) });
  return { ...reader, start: async () => undefined, close: () => client.close() };
}
