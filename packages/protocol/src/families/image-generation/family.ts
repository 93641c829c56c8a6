import { protocolLimits } from "../../limits.js";
import { defineFamily, type NormaliseOptions, type ReplyLimits, type TaskFacts, type Unsupported } from "../family.js";
import { otherFields } from "../other-fields.js";
import { createImageCollector } from "./collect.js";
import { DEFAULT_IMAGE_STEPS, type ImageRequest, imageRequestSchema, imageSteps } from "./request.js";

/** What open image servers and the embedded model are tuned for. */
const DEFAULT_GUIDANCE_SCALE = 3;
/** A pixel without any compression: four channels, in base64. */
const MOST_BYTES_PER_PIXEL = 6;
/** Headers of the picture and whatever a server tells of it. */
const BYTES_AROUND_IMAGE = 64 * 1024;
const VALUES_AROUND_IMAGE = 512;

const ownFields = [
  "model",
  "prompt",
  "negative_prompt",
  "n",
  "size",
  "steps",
  "guidance_scale",
  "seed",
  "response_format",
  "stream",
  "stream_options",
] as const;

/** The body of an image request that goes to a miner; see `Family.normalise`. */
export function normaliseImage(request: ImageRequest, { task, fallbackSeed }: NormaliseOptions): ImageRequest {
  const size = request.size ?? task.imageSizes?.[0];
  return {
    model: task.id,
    prompt: request.prompt,
    ...(request.negative_prompt ? { negative_prompt: request.negative_prompt } : {}),
    n: request.n ?? 1,
    ...(size === undefined ? {} : { size }),
    steps: request.steps ?? DEFAULT_IMAGE_STEPS,
    guidance_scale: request.guidance_scale ?? DEFAULT_GUIDANCE_SCALE,
    seed: request.seed ?? fallbackSeed,
    response_format: "b64_json",
    ...otherFields(request, ownFields),
  };
}

/** The most bytes that the images asked for can take, without any compression; without a size the largest that there may be. */
function mostImageBytes({ n, size }: ImageRequest): number {
  const [width = 0, height = 0] = (size ?? `${protocolLimits.imageSidePixels}x${protocolLimits.imageSidePixels}`).split("x").map(Number);
  return (n ?? 1) * (width * height * MOST_BYTES_PER_PIXEL + BYTES_AROUND_IMAGE);
}

function replyLimits(request: ImageRequest): ReplyLimits {
  return {
    eventBytes: protocolLimits.eventBytes,
    streamBytes: protocolLimits.streamBytes,
    bodyBytes: Math.min(mostImageBytes(request), protocolLimits.responseBytes),
    values: (request.n ?? 1) * VALUES_AROUND_IMAGE,
  };
}

function findUnsupported(request: ImageRequest, { id, imageSizes }: TaskFacts): Unsupported | null {
  const { size } = request;
  if (typeof size === "string" && imageSizes !== undefined && !imageSizes.includes(size)) {
    return { param: "size", message: `is not valid: ${id} makes ${imageSizes.join(", ")}` };
  }
  return request["stream"] === true ? { param: "stream", message: `is not valid: ${id} is not streamed` } : null;
}

/** Image generation: volume in denoising steps. */
export const imageGeneration = defineFamily<ImageRequest>()({
  name: "image-generation",
  operation: "image_generation",
  path: "/v1/images/generations",
  fileFields: [],
  workUnit: "steps",
  isStreamable: false,
  capabilities: [],
  hasLogprobs: false,
  mostAnswers: protocolLimits.images,
  idPrefix: "img-",
  requestSchema: imageRequestSchema,
  smallRequest: (model) => ({ model, prompt: "a red apple", steps: 1, seed: 1, response_format: "b64_json" }),
  withLogprobs: (request) => request,
  findUnsupported,
  countAnswers: () => 1,
  split: (body) => [[body]],
  promptTokenIds: () => null,
  withPromptText: (body) => body,
  isStreamWanted: () => false,
  promptText: () => "",
  conversationPrefix: () => null,
  continueAnswer: () => null,
  namedLimitField: () => null,
  maxWorkUnits: imageSteps,
  normalise: normaliseImage,
  isPlain: () => true,
  replyLimits,
  mostAnswerBytes: mostImageBytes,
  createCollector: createImageCollector,
  workUnits: (request, answer) =>
    answer.kind === "images" ? (request.steps ?? DEFAULT_IMAGE_STEPS) * Math.min(answer.imagesBase64.length, request.n ?? 1) : 0,
  createPresenter: ({ createdSeconds }) => ({
    areTokensShown: false,
    addParts: () => null,
    usageEvent: () => null,
    choice(answer) {
      if (answer.kind !== "images") throw new TypeError("an image answer holds images");
      return answer.imagesBase64.map((image) => ({ b64_json: image }));
    },
    body: (choices) => ({ created: createdSeconds, data: choices.flat() }),
  }),
});
