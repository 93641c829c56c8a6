import { createReferenceModel } from "./adapters/create-reference-model.js";
import { createEmbeddedReference } from "./adapters/reference-embedded.js";
import { createWorkerEngine } from "./adapters/reference-engine.js";
import { createEnginePool } from "./adapters/reference-engine-pool.js";
import { createReferences } from "./adapters/references.js";
import type { ReferenceSettings, ValidatorConfig } from "./config/index.js";
import type { Clock, Logger, Reference } from "./ports/index.js";
import { createModelProcess } from "./threads/model-process.js";

/** All references of a configuration as one. Nothing is loaded before its first question. `moduleUrl` is the bundled entry of a model's process. */
export function openReferences(
  config: Pick<ValidatorConfig, "checks" | "references">,
  { moduleUrl, clock, logger }: { readonly moduleUrl: URL | null; readonly clock: Clock; readonly logger: Logger },
): Reference {
  const embedded = createEmbeddedReference(createEnginePool(config.checks.concurrency, createWorkerEngine));
  const createModel = (settings: ReferenceSettings) =>
    // Only a model in this machine's memory needs a process around it.
    settings.kind === "gguf" && moduleUrl !== null
      ? createModelProcess({ moduleUrl, settings }, { logger })
      : createReferenceModel(settings);
  return createReferences(config.references, { embedded, createModel, clock, logger });
}
