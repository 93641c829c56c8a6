import { createEmbeddedReference, createReferenceModel } from "@vision/checking";
import {
  checkVersion,
  createLogger,
  doctorCommand,
  type ExitCode,
  loadHotkey,
  lookAtChain,
  programVersion,
  type SettingSources,
} from "@vision/program";
import { hasEmbeddedDatabase, withDatabaseServer } from "../adapters/open-database.js";
import { inspectDatabase } from "../adapters/postgres/index.js";
import { inspectRedis } from "../adapters/redis/inspect-redis.js";
import { canBeChecked } from "../adapters/references.js";
import { createWorkerEngine } from "../adapters/worker-engine.js";
import { loadConfig } from "../config/index.js";
import { createChecks, type DoctorSurroundings } from "../doctor/create-checks.js";
import type { CommandContext } from "./command-context.js";

/** Stand-ins for tests. */
type DoctorParts = Partial<Omit<DoctorSurroundings, "nowMs" | "inspectDatabase">>;

/** `vision-validator doctor`: a line for everything that the validator needs, with what to do. */
export async function doctor(
  sources: SettingSources,
  { isJson, parts = {} }: { readonly isJson: boolean; readonly parts?: DoctorParts },
  context: CommandContext,
): Promise<ExitCode> {
  const config = await loadConfig(sources);
  const { environment, signal, writeOut } = context;
  const logger = createLogger({ level: "error" });
  const surroundings: DoctorSurroundings = {
    hotkey: parts.hotkey ?? loadHotkey(config, { environment }),
    sight: parts.sight ?? lookAtChain(config, { signal }),
    nowMs: Date.now,
    async inspectDatabase(looking) {
      const isToBeMade = config.database.url === undefined && !hasEmbeddedDatabase(config.database.dataDir);
      return isToBeMade ? null : withDatabaseServer(config.database, { logger, signal: looking }, inspectDatabase);
    },
    inspectRedis,
    openReference: parts.openReference ?? (() => createEmbeddedReference(createWorkerEngine())),
    openModel: parts.openModel ?? createReferenceModel,
    canCheck: parts.canCheck ?? ((task) => canBeChecked(task, config.references)),
  };
  const version = programVersion(import.meta.url);
  const { updates } = config;
  const looks = updates.isLookedFor ? [checkVersion({ name: "@vision/validator-app", version }, updates)] : [];
  return doctorCommand([...createChecks(config, surroundings), ...looks], {
    ...{ program: "vision-validator", version, isJson, signal },
    print: (text) => writeOut(`${text}\n`),
  });
}
