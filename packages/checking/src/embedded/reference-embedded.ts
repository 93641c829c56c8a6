import { embeddingRequestSchema, getFamily, type Task, VisionError } from "@vision/protocol";
import type { Verdict } from "@vision/scoring";
import { isModelName, TinyError, type TinyModelName } from "@vision/tiny";
import type { Reference } from "../reference.js";
import { checkTextRequest } from "../text/reference-text-request.js";
import { writeByModel } from "../written/write-by-model.js";
import { createEncoderCache } from "./embedded-prompts.js";
import { checkEmbeddings } from "./reference-embeddings.js";
import type { ReferenceEngine } from "./reference-engine.js";
import { checkImages } from "./reference-images.js";
import { createEmbeddedModel } from "./reference-model-embedded.js";

type CheckInput = Parameters<Reference["check"]>[0];
const unavailable = (cause: unknown) =>
  new VisionError({ code: "REFERENCE_UNAVAILABLE", message: "The embedded reference does not work at the moment.", cause });
const inconclusive = (reason: string): Verdict => ({ kind: "inconclusive", reason });

/** Whether the embedded models can judge the task's answers. */
export function canEmbeddedCheck(task: Task): boolean {
  return task.check.kind !== "none" && isModelName(task.model);
}

/**
 * The reference on the embedded models: judges the answers of every task whose model is one of them, exactly, on any machine.
 *
 * Whatever an answer holds ends in a verdict; only the engine's own failures reject, as `REFERENCE_UNAVAILABLE`.
 */
export function createEmbeddedReference(engine: ReferenceEngine): Reference {
  const encoderOf = createEncoderCache();

  async function judge({ task, request, answer, sampler, signal }: CheckInput, model: TinyModelName): Promise<Verdict> {
    if (answer.kind === "images") {
      if (task.check.kind !== "regenerate") return inconclusive("the stored answer is of another kind");
      const image = getFamily(task.family).requestSchema.safeParse(request);
      if (!image.success) return inconclusive("the stored request does not fit its family's schema");
      return checkImages({ task, model, request: image.data, answer, signal }, engine);
    }
    if (answer.kind === "vectors") {
      const embedding = embeddingRequestSchema.safeParse(request);
      if (!embedding.success) return inconclusive("the stored request does not fit its family's schema");
      return checkEmbeddings({ task, model, request: embedding.data, answer, signal }, engine);
    }
    return checkTextRequest({ task, request, answer, sampler, signal }, createEmbeddedModel({ model }, { engine, encoderOf }));
  }

  return {
    canCheck: canEmbeddedCheck,
    async check(input) {
      const { model } = input.task;
      if (!isModelName(model)) return inconclusive(`there is no embedded model "${model}"`);
      try {
        return await judge(input, model);
      } catch (cause) {
        input.signal.throwIfAborted();
        // The request, not the answer, is out of the model's bounds; a miner could not have answered it either.
        if (TinyError.isInstance(cause, "TINY_INVALID_INPUT")) return inconclusive(cause.message);
        throw unavailable(cause);
      }
    },
    async write(request) {
      const { model } = request.task;
      if (!isModelName(model) || request.task.check.kind !== "teacher-forcing") return null;
      try {
        return await writeByModel(request, createEmbeddedModel({ model }, { engine, encoderOf }));
      } catch (cause) {
        request.signal.throwIfAborted();
        throw unavailable(cause);
      }
    },
    close: () => engine.close(),
  };
}
