import { defineFamily, type NormaliseOptions, type TaskFacts, type Unsupported } from "../family.js";
import { imageGeneration, normaliseImage } from "../image-generation/family.js";
import { DEFAULT_EDIT_STRENGTH, editSteps, type ImageEditRequest, imageEditRequestSchema } from "./request.js";
import { startImageUrl } from "./start-image.js";

/** A red square, 8x8 pixels. */
const SMALL_IMAGE = startImageUrl("iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mO4o6GBFTEMLQkAe3tLAYZNzu4AAAAASUVORK5CYII=");

function normalise({ image, strength, ...request }: ImageEditRequest, options: NormaliseOptions): ImageEditRequest {
  const { model, prompt, ...rest } = normaliseImage(request, options);
  return { model, image, prompt, strength: strength ?? DEFAULT_EDIT_STRENGTH, ...rest };
}

function findUnsupported(request: ImageEditRequest, task: TaskFacts): Unsupported | null {
  const isMasked = request["mask"] !== undefined && request["mask"] !== null;
  return isMasked
    ? { param: "mask", message: `is not valid: ${task.id} changes whole pictures` }
    : imageGeneration.findUnsupported(request, task);
}

/** Images that start from another one: volume in the denoising steps that are left of it. */
export const imageEdits = defineFamily<ImageEditRequest>()({
  ...imageGeneration,
  name: "image-edits",
  operation: "image_edit",
  path: "/v1/images/edits",
  fileFields: ["image"],
  requestSchema: imageEditRequestSchema,
  smallRequest: (model) => ({
    model,
    image: SMALL_IMAGE,
    prompt: "a red apple",
    steps: 1,
    strength: 1,
    seed: 1,
    response_format: "b64_json",
  }),
  withLogprobs: (request) => request,
  findUnsupported,
  continueAnswer: () => null,
  maxWorkUnits: (request) => editSteps(request) * (request.n ?? 1),
  normalise,
  workUnits: (request, answer) =>
    answer.kind === "images" ? editSteps(request) * Math.min(answer.imagesBase64.length, request.n ?? 1) : 0,
});
