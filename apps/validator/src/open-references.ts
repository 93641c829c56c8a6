import { createEmbeddedReference, createEnginePool, createReferenceModel } from "@vision/checking";
import { createReferences, type References } from "./adapters/references.js";
import { createWorkerEngine } from "./adapters/worker-engine.js";
import type { ReferenceSettings, ValidatorConfig } from "./config/index.js";
import type { Clock, Logger } from "./ports/index.js";
import { createModelProcess } from "./threads/model-process.js";

/** What they work with. `moduleUrl` is the bundled entry of a model's process; null to run models here. */
export type OpenReferencesDependencies = {
  readonly moduleUrl: URL | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Parameters<typeof createReferences>[1]["metrics"];
};

/** All references of a configuration as one. Nothing is loaded before its first question. */
export function openReferences(
  config: Pick<ValidatorConfig, "checks" | "references">,
  { moduleUrl, clock, logger, metrics }: OpenReferencesDependencies,
): References {
  const embedded = createEmbeddedReference(createEnginePool(config.checks.concurrency, createWorkerEngine));
  const createModel = (settings: ReferenceSettings) =>
    // Only a model in this machine's memory needs a process around it.
    settings.kind === "gguf" && moduleUrl !== null
      ? createModelProcess({ moduleUrl, settings }, { logger })
      : createReferenceModel(settings);
  return createReferences(config.references, { embedded, createModel, clock, logger, metrics });
}
