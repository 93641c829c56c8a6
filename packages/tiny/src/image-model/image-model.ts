import { parseGguf } from "../gguf/parse-gguf.js";
import { createKernels } from "../kernels/kernels.js";
import { readModelFile, type TinyModelName } from "../model-files.js";
import { foldSeed } from "../seed.js";
import { invalidInput } from "../tiny-error.js";
import { fitImage } from "./fit-image.js";
import { normalNoise } from "./normal-noise.js";
import { encodePromptWords } from "./prompt-words.js";
import type { RgbImage } from "./rgb-image.js";
import { createUnet, PICTURE_SIDE } from "./unet.js";

/** What to draw. */
export type ImageOptions = {
  readonly prompt: string;
  /** What to steer away from; nothing in particular if left out. */
  readonly negativePrompt?: string;
  /** The same seed draws the same picture, on every machine. */
  readonly seed: number;
  /** 1 to 200; 24 is good, below 8 it shows. */
  readonly steps: number;
  /** How closely to follow the prompt: 0 to 30; 3 is good. */
  readonly guidanceScale: number;
  /** Draws over a picture in the place of an empty canvas; left out, nothing is there to start from. */
  readonly start?: ImageStart;
};

/** A picture to start from. */
export type ImageStart = {
  /** Of any size: it is fitted to the model's. */
  readonly image: RgbImage;
  /** Steps, of all, that the picture stands for: 0 keeps nothing of it, `steps - 1` nearly everything. The ones after it are done. */
  readonly skippedSteps: number;
};

/** How far a generation is. `step`: steps done, from 1, with those that a start image stands for. */
export type ImageProgress = { readonly step: number; readonly steps: number };

/** A loaded image model. */
export type ImageModel = {
  readonly name: string;
  /** Side of its pictures, pixels. */
  readonly side: number;
  /**
   * Draws a picture, yielding after every step; the picture is what the generator returns.
   *
   * Synchronous: let the event loop run between steps yourself. Any number of generators may run in turns.
   */
  readonly generate: (options: ImageOptions) => Generator<ImageProgress, RgbImage, void>;
  /** Bytes of the model with all its buffers, at their peak. */
  readonly memoryBytes: () => number;
};

const MAX_STEPS = 200;
const MAX_GUIDANCE_SCALE = 30;

function toRgb(picture: Float32Array): RgbImage {
  const pixelCount = PICTURE_SIDE * PICTURE_SIDE;
  const pixels = new Uint8Array(3 * pixelCount);
  for (let pixel = 0; pixel < pixelCount; pixel++) {
    for (let colour = 0; colour < 3; colour++) {
      const value = Math.round(((picture[colour * pixelCount + pixel] ?? 0) + 1) * 127.5);
      pixels[pixel * 3 + colour] = Math.max(0, Math.min(255, value));
    }
  }
  return { width: PICTURE_SIDE, height: PICTURE_SIDE, pixels };
}

/** The reverse of {@link toRgb}. */
function fromRgb({ pixels }: RgbImage): Float32Array {
  const pixelCount = PICTURE_SIDE * PICTURE_SIDE;
  return Float32Array.from({ length: 3 * pixelCount }, (_, index) => {
    const [colour, pixel] = [Math.floor(index / pixelCount), index % pixelCount];
    return (pixels[pixel * 3 + colour] ?? 0) / 127.5 - 1;
  });
}

/** The picture that a rectified flow has on its straight way from noise to an image, after that share of the way. */
function blend(noise: Float32Array, image: Float32Array, share: number): Float32Array {
  return noise.map((value, index) => value * (1 - share) + (image[index] ?? 0) * share);
}

function assertOptions({ steps, guidanceScale, start }: ImageOptions): void {
  if (!Number.isInteger(steps) || steps < 1 || steps > MAX_STEPS) {
    throw invalidInput(`steps must be a whole number from 1 to ${MAX_STEPS}.`, { steps });
  }
  if (!(guidanceScale >= 0 && guidanceScale <= MAX_GUIDANCE_SCALE)) {
    throw invalidInput(`guidanceScale must be from 0 to ${MAX_GUIDANCE_SCALE}.`, { guidanceScale });
  }
  if (start === undefined) return;
  const { skippedSteps } = start;
  if (!Number.isInteger(skippedSteps) || skippedSteps < 0 || skippedSteps >= steps) {
    throw invalidInput("skippedSteps must be a whole number from 0 to below steps.", { skippedSteps, steps });
  }
}

/**
 * Loads an image model: the one that comes with this package, or the bytes of a file of the same kind.
 *
 * @throws {@link TinyError} `TINY_INVALID_MODEL` when it is damaged or of an unsupported kind.
 */
export async function loadImageModel(source: TinyModelName | Uint8Array = "tiny-emoji-diffusion-f16"): Promise<ImageModel> {
  const gguf = parseGguf(typeof source === "string" ? await readModelFile(source) : source);
  const { kernels, arena } = await createKernels();
  const unet = createUnet(gguf, kernels, arena);
  const ownName = gguf.metadata.get("general.name");

  function* draw(options: ImageOptions, seed: number, start: Float32Array | null): Generator<ImageProgress, RgbImage, void> {
    const { steps, guidanceScale } = options;
    const words = encodePromptWords(options.prompt, unet.promptBuckets);
    const avoided = encodePromptWords(options.negativePrompt ?? "", unet.promptBuckets);
    const skipped = options.start?.skippedSteps ?? 0;
    let picture = normalNoise(seed, 3 * PICTURE_SIDE * PICTURE_SIDE, kernels);
    if (start !== null) picture = blend(picture, start, skipped / steps);
    for (let step = skipped; step < steps; step++) {
      // Classifier-free guidance (Ho and Salimans, 2022): away from what it would draw without the prompt.
      const away = unet.velocity(picture, step / steps, avoided);
      const towards = unet.velocity(picture, step / steps, words);
      picture = picture.map((value, i) => {
        const from = away[i] ?? 0;
        return value + (from + guidanceScale * ((towards[i] ?? 0) - from)) / steps;
      });
      yield { step: step + 1, steps };
    }
    return toRgb(picture);
  }

  return {
    name: typeof source === "string" ? source : typeof ownName === "string" ? ownName : "unnamed",
    side: PICTURE_SIDE,
    generate(options) {
      assertOptions(options);
      const size = { width: PICTURE_SIDE, height: PICTURE_SIDE };
      const start = options.start === undefined ? null : fromRgb(fitImage(options.start.image, size));
      return draw({ ...options }, foldSeed(options.seed), start);
    },
    memoryBytes: arena.memoryBytes,
  };
}
