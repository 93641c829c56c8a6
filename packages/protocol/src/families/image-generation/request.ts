import { z } from "zod";
import { protocolLimits } from "../../limits.js";
import { foldedSeed } from "../folded-seed.js";

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
  seed: foldedSeed.nullish(),
  steps: z.int().min(1).max(protocolLimits.imageSteps).nullish(),
  guidance_scale: z.number().min(0).max(30).nullish(),
  response_format: z.literal("b64_json", { error: "must be b64_json: addresses are not supported" }).nullish(),
  user: z.string().max(512).nullish(),
  quality: z.string().max(32).nullish(),
  style: z.string().max(32).nullish(),
  background: z.string().max(32).nullish(),
  output_format: z.string().max(32).nullish(),
});

/** A request that {@link imageRequestSchema} has parsed. */
export type ImageRequest = z.infer<typeof imageRequestSchema>;

/** Steps of work that an image request asks for, over all its images. */
export function imageSteps(request: ImageRequest): number {
  return (request.steps ?? DEFAULT_IMAGE_STEPS) * (request.n ?? 1);
}
