import { protocolLimits } from "@vision/protocol";
import type { ImageStart } from "@vision/tiny";
import { createAnswerIdentity } from "../answer-identity.js";
import { type ImageSampling, readImageSampling } from "../image-sampling.js";
import { type BackendCall, BackendError, type BackendPart } from "../inference-backend.js";
import { nextTurn, throwIfCancelled } from "../next-turn.js";
import type { TinyEngine } from "./tiny-engine.js";

/**
 * Answers an image request: one body with PNG files in base64, one denoising step at a time.
 *
 * @throws BackendError `invalid` for a size that the task does not offer and a start image that cannot be decoded.
 */
export async function* answerTinyImages(call: BackendCall, engine: TinyEngine): AsyncGenerator<BackendPart, void> {
  const { request, task } = call;
  const problem = call.family.findUnsupported(request, task);
  if (problem !== null) throw new BackendError({ code: "invalid", message: `${problem.param} ${problem.message}.` });
  const identity = createAnswerIdentity("img-");
  const sampling = readImageSampling(call.familyName, request, identity.fallbackSeed);
  if (sampling === null) throw new BackendError({ code: "failed", message: `there are no images in ${call.familyName}.` });
  const { seeds, prompt, negativePrompt, steps, guidanceScale } = sampling;
  const model = await engine.imageModel(request.model);
  const { encodePng } = await import("@vision/tiny");
  const options = {
    prompt,
    steps,
    guidanceScale,
    ...(negativePrompt === undefined ? {} : { negativePrompt }),
    ...(await startOf(sampling)),
  };
  const data: { b64_json: string }[] = [];
  for (const seed of seeds) {
    const work = model.generate({ ...options, seed });
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

async function startOf({ start }: ImageSampling): Promise<{ readonly start?: ImageStart }> {
  if (start === null) return {};
  const { decodePngInTurns } = await import("@vision/tiny");
  const decoded = await decodePngInTurns(Buffer.from(start.pngBase64, "base64"), { maxPixels: protocolLimits.startImagePixels });
  if (!decoded.ok) throw new BackendError({ code: "invalid", message: `image cannot be decoded: ${decoded.reason}.` });
  return { start: { image: decoded.image, skippedSteps: start.skippedSteps } };
}
