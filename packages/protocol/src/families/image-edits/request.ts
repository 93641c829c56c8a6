import { z } from "zod";
import { DEFAULT_IMAGE_STEPS, imageRequestSchema } from "../image-generation/request.js";
import { startImageSchema } from "./start-image.js";

/** How much of a start image is made anew when a request does not say. */
export const DEFAULT_EDIT_STRENGTH = 0.6;

/**
 * Body of `POST /v1/images/edits` as JSON: that of images with the picture to start from, `image`, and `strength`: how much of it is made
 * anew, above 0 to 1. Unknown fields pass through.
 */
export const imageEditRequestSchema = imageRequestSchema.extend({
  image: startImageSchema,
  strength: z.number().gt(0).max(1).nullish(),
});

/** A request that {@link imageEditRequestSchema} has parsed. */
export type ImageEditRequest = z.infer<typeof imageEditRequestSchema>;

/**
 * Denoising steps that an image of the request takes: the last `steps * strength` of them, rounded, at least 1. The ones before are what the
 * start image stands for.
 */
export function editSteps({ steps, strength }: Pick<ImageEditRequest, "steps" | "strength">): number {
  return Math.max(1, Math.round((steps ?? DEFAULT_IMAGE_STEPS) * (strength ?? DEFAULT_EDIT_STRENGTH)));
}
