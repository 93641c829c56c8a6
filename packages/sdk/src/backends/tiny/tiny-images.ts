import { createAnswerIdentity } from "../answer-identity.js";
import { type BackendCall, BackendError, type BackendPart } from "../inference-backend.js";
import { nextTurn, throwIfCancelled } from "../next-turn.js";
import { imageSampling } from "../request-defaults.js";
import type { TinyEngine } from "./tiny-engine.js";

/**
 * Answers an image request: one body with PNG files in base64, one denoising step at a time.
 *
 * @throws BackendError `invalid` for a size that the task does not offer.
 */
export async function* answerTinyImages(call: BackendCall<"image-generation">, engine: TinyEngine): AsyncGenerator<BackendPart, void> {
  const { request } = call;
  const sizes = call.task.imageSizes;
  if (request.size !== null && request.size !== undefined && sizes !== undefined && !sizes.includes(request.size)) {
    throw new BackendError({ code: "invalid", message: `size ${request.size} is not offered; choose from ${sizes.join(", ")}.` });
  }
  const identity = createAnswerIdentity("img-");
  const { seeds, prompt, negativePrompt, steps, guidanceScale } = imageSampling(request, identity.fallbackSeed);
  const model = await engine.imageModel(request.model);
  const { encodePng } = await import("@vision/tiny");
  const data: { b64_json: string }[] = [];
  for (const seed of seeds) {
    const work = model.generate({ prompt, seed, steps, guidanceScale, ...(negativePrompt === undefined ? {} : { negativePrompt }) });
    let step = work.next();
    while (step.done !== true) {
      await nextTurn();
      throwIfCancelled(call.signal);
      step = work.next();
    }
    data.push({ b64_json: Buffer.from(encodePng(step.value)).toString("base64") });
  }
  yield { kind: "body", body: JSON.stringify({ created: identity.createdSeconds, data }) };
}
