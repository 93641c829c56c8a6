import { imageEditRequestSchema, protocolLimits, type RequestBody, startImageBase64, startImageUrl, type Task } from "@vision/protocol";
import { decodePngInTurns, encodePng, fitImageInTurns, type ImageSize } from "@vision/tiny";
import { ApiError } from "./api-error.js";

/** What encoders write is some hundreds; each costs something, however small it is. */
const MOST_CHUNKS = 4096;

/** Three bytes a pixel, written as they are, and up to 2 % around them. */
const MOST_PIXELS = Math.floor((protocolLimits.startImageBytes * 0.98) / 3);

function refuse(param: string, message: string): ApiError {
  return new ApiError({ status: 400, code: "invalid_value", param, message: `Invalid '${param}': ${message}.` });
}

/** The size that is asked for, else the one that the task makes; null where neither says. */
function sizeOf(size: string | null | undefined, task: Task): ImageSize | null {
  const [width, height] = (size ?? task.imageSizes?.[0] ?? "").split("x").map(Number);
  return width === undefined || height === undefined ? null : { width, height };
}

/**
 * The picture to start from as every miner gets one, a user's or a synthetic one: in the size of the answer, written by our own encoder, with
 * nothing beside its pixels. So none tells whose it is by its form, and what a stranger's file holds goes no further.
 *
 * @param body - Parsed by the schema of image edits: the picture's bounds are checked.
 * @returns A data URL.
 * @throws {@link ApiError} 400 for a picture that cannot be decoded, and a size that is too large for one.
 */
export async function fitStartImage(body: RequestBody, task: Task): Promise<string> {
  const { image, size } = imageEditRequestSchema.parse(body);
  const limits = { maxPixels: protocolLimits.startImagePixels, maxChunks: MOST_CHUNKS };
  const decoded = await decodePngInTurns(Buffer.from(startImageBase64(image), "base64"), limits);
  if (!decoded.ok) throw refuse("image", `the picture cannot be decoded: ${decoded.reason}`);
  const wanted = sizeOf(size, task) ?? decoded.image;
  if (wanted.width * wanted.height > MOST_PIXELS) throw refuse("size", `a picture to start from may have ${MOST_PIXELS} pixels at most`);
  return startImageUrl(Buffer.from(encodePng(await fitImageInTurns(decoded.image, wanted))).toString("base64"));
}
