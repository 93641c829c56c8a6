import {
  editSteps,
  type FamilyHandlers,
  type FamilyName,
  handleByFamily,
  type ImageEditRequest,
  type ImageRequest,
  imageSteps,
  protocolLimits,
  type RequestBody,
  startImageBase64,
} from "@vision/protocol";
import { requestDefaults } from "./request-defaults.js";

/** How to make the images of a request. */
export type ImageSampling = {
  readonly prompt: string;
  readonly negativePrompt: string | undefined;
  readonly steps: number;
  readonly guidanceScale: number;
  /** One seed for each image: the request's, then the following ones, modulo 2^31. */
  readonly seeds: readonly number[];
  /** Denoising steps over all images. */
  readonly totalSteps: number;
  /** The picture to start from, a PNG in base64, and how many of `steps` it stands for; null for a request without one. */
  readonly start: { readonly pngBase64: string; readonly skippedSteps: number } | null;
};

/** Image sampling of a request that starts from nothing. The validator makes images again by the same rules. */
export function imageSampling(request: ImageRequest, fallbackSeed: number): ImageSampling {
  const seed = request.seed ?? fallbackSeed;
  return {
    prompt: request.prompt,
    negativePrompt: request.negative_prompt ?? undefined,
    steps: request.steps ?? requestDefaults.imageSteps,
    guidanceScale: request.guidance_scale ?? requestDefaults.guidanceScale,
    seeds: Array.from({ length: request.n ?? 1 }, (_, index) => (seed + index) % (protocolLimits.seed + 1)),
    totalSteps: imageSteps(request),
    start: null,
  };
}

/** Image sampling of a request with a picture to start from. */
function imageEditSampling(request: ImageEditRequest, fallbackSeed: number): ImageSampling {
  const sampling = imageSampling(request, fallbackSeed);
  const done = editSteps({ steps: sampling.steps, strength: request.strength });
  const start = { pngBase64: startImageBase64(request.image), skippedSteps: sampling.steps - done };
  return { ...sampling, totalSteps: done * sampling.seeds.length, start };
}

const samplings: Partial<FamilyHandlers<readonly [number], ImageSampling>> = {
  "image-generation": imageSampling,
  "image-edits": imageEditSampling,
};

/**
 * Image sampling of a request of any family of images; null for one of another.
 *
 * @param request - Parsed by the family's schema.
 * @param fallbackSeed - Seed for a request that names none.
 */
export function readImageSampling(family: FamilyName, request: RequestBody, fallbackSeed: number): ImageSampling | null {
  return handleByFamily(samplings, family, request, fallbackSeed);
}
