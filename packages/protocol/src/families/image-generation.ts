import { z } from "zod";
import { protocolLimits } from "../limits.js";
import type { AnswerCollector, TaskFamily } from "./family.js";

/** Denoising steps when a request names none. */
export const DEFAULT_IMAGE_STEPS = 12;

/**
 * Body of `POST /v1/images/generations`. OpenAI's names, and the diffusion fields that open image servers use:
 * `seed`, `steps`, `guidance_scale`, `negative_prompt`. Unknown fields pass through.
 */
export const imageRequestSchema = z.looseObject({
  model: z.string().min(1).max(256),
  prompt: z.string().min(1).max(4000),
  negative_prompt: z.string().max(4000).nullish(),
  n: z.int().min(1).max(protocolLimits.images).nullish(),
  size: z
    .string()
    .regex(/^\d{1,4}x\d{1,4}$/, "must be WIDTHxHEIGHT, e.g. 512x512")
    .refine((size) => size.split("x").every((side) => Number(side) >= 8 && Number(side) <= protocolLimits.imageSidePixels), {
      error: `each side must be 8 to ${protocolLimits.imageSidePixels} pixels`,
    })
    .nullish(),
  seed: z.int().min(0).max(protocolLimits.seed).nullish(),
  steps: z.int().min(1).max(protocolLimits.imageSteps).nullish(),
  guidance_scale: z.number().min(0).max(30).nullish(),
  response_format: z.literal("b64_json", { error: "only b64_json is supported" }).nullish(),
  user: z.string().max(512).nullish(),
  quality: z.string().max(32).nullish(),
  style: z.string().max(32).nullish(),
  background: z.string().max(32).nullish(),
  output_format: z.string().max(32).nullish(),
});

/** A request that {@link imageRequestSchema} has parsed. */
export type ImageRequest = z.infer<typeof imageRequestSchema>;

/** Body of an image answer: encoded images (PNG) in base64. */
export const imageResponseSchema = z.looseObject({
  created: z.number().nullish(),
  data: z
    .array(z.looseObject({ b64_json: z.base64().min(1) }))
    .min(1)
    .max(protocolLimits.images),
});

/** A body that {@link imageResponseSchema} has parsed. */
export type ImageResponse = z.infer<typeof imageResponseSchema>;

/** Steps of work that an image request asks for, over all its images. */
export function imageSteps(request: ImageRequest): number {
  return (request.steps ?? DEFAULT_IMAGE_STEPS) * (request.n ?? 1);
}

function createImageCollector(): AnswerCollector {
  let images: readonly string[] = [];
  return {
    addEvent: () => "image answers are not streamed",
    addBody(body) {
      const parsed = imageResponseSchema.safeParse(body);
      if (!parsed.success) return `not an image answer: ${z.prettifyError(parsed.error).slice(0, 300)}`;
      images = parsed.data.data.map((image) => image.b64_json);
      return null;
    },
    hasContent: () => images.length > 0,
    soFar: () => null,
    finish: () =>
      images.length > 0
        ? { ok: true, answer: { kind: "images", imagesBase64: images } }
        : { ok: false, reason: "the answer holds no image" },
  };
}

/** Image generation: volume in denoising steps. */
export const imageGeneration: TaskFamily<ImageRequest> = {
  name: "image-generation",
  path: "/v1/images/generations",
  workUnit: "steps",
  isStreamable: false,
  requestSchema: imageRequestSchema,
  maxWorkUnits: imageSteps,
  workUnits: (request, answer) =>
    answer.kind === "images" ? (request.steps ?? DEFAULT_IMAGE_STEPS) * Math.min(answer.imagesBase64.length, request.n ?? 1) : 0,
  // An image's size in bytes does not follow from its pixels; the protocol's bounds on images, sides and bodies are the limit.
  replyLimits: () => ({
    eventBytes: protocolLimits.eventBytes,
    streamBytes: protocolLimits.streamBytes,
    bodyBytes: protocolLimits.responseBytes,
  }),
  createCollector: createImageCollector,
  smallRequest: (model) => ({ model, prompt: "a red apple", steps: 1, seed: 1, response_format: "b64_json" }),
};
