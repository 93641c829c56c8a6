import type { ApiKeyStore } from "./api-key-store.js";
import type { CheckStore } from "./check-store.js";
import type { GatewayStore } from "./gateway-store.js";
import type { PeriodStore } from "./period-store.js";
import type { ResultStore } from "./result-store.js";
import type { ScoreStore } from "./score-store.js";
import type { SettingsStore } from "./settings-store.js";
import type { SharedRequestStore } from "./shared-request-store.js";
import type { UsageStore } from "./usage-store.js";
import type { WeightStore } from "./weight-store.js";

/**
 * Everything that must survive a restart. Methods reject with `VisionError` `STORE_UNREACHABLE` while the database is away; nothing is
 * half done: each method is one transaction.
 */
export type Store = PeriodStore &
  ResultStore &
  CheckStore &
  ScoreStore &
  WeightStore &
  ApiKeyStore &
  UsageStore &
  GatewayStore &
  SharedRequestStore &
  SettingsStore & {
    close(): Promise<void>;
  };
