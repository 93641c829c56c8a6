import { parseOptions } from "../../runtime/parse-options.js";
import { BACKEND_SPECIFICATION_VERSION, type InferenceBackend } from "../inference-backend.js";
import { throwIfCancelled } from "../next-turn.js";
import { answerByFamily, modelKindOf } from "./answer-by-family.js";
import { createTinyEngine, findTinyObstacle, type TinyOptions, tinyFailure, tinyOptionsSchema } from "./tiny-engine.js";
import { generateTinyText } from "./tiny-text.js";

/**
 * Backend on the embedded models of `@vision/tiny`: chat, completions and images in this process, with no GPU and no download.
 *
 * The same request gives the same answer to the bit on every machine. The exact sampler
 * knows temperature and seed alone: the tasks say so (`capabilities`), and requests with `top_p` or penalties are refused before they come here.
 * Models are loaded at the first request that needs them. Work is cut at every token and every denoising step, so that requests advance
 * side by side; it is still one thread, so the sum of what a miner declares must fit one core.
 *
 * @throws VisionError `SDK_INVALID_OPTIONS` naming every mistake in the options at once.
 *
 * @example
 * ```ts
 * const miner = createMiner({ hotkey, tasks: { "chat-tiny": { capacityPerHour: 60_000 } }, backend: tiny() });
 * ```
 */
export function tiny(options: TinyOptions = {}): InferenceBackend {
  parseOptions("tiny", tinyOptionsSchema, options);
  const engine = createTinyEngine(options);
  const answering = { engine, generate: generateTinyText(engine) };
  return {
    specificationVersion: BACKEND_SPECIFICATION_VERSION,
    name: "tiny",
    async *run(call) {
      throwIfCancelled(call.signal);
      try {
        yield* answerByFamily(call, answering);
      } catch (error) {
        throw tinyFailure(error);
      }
    },
    findObstacle: (task) => findTinyObstacle({ model: task.model, kind: modelKindOf(task.family) }, options),
    sampler: () => "gumbel-murmur3",
    async checkHealth() {
      try {
        await import("@vision/tiny");
        return { isHealthy: true };
      } catch (error) {
        return { isHealthy: false, detail: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}
