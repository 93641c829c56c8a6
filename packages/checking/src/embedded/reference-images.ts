import { type Answer, protocolLimits, type RequestBody, type Task } from "@vision/protocol";
import { judgedWorthless, judgeImage, type Pixels, type Verdict } from "@vision/scoring";
import { type ImageSampling, readImageSampling } from "@vision/sdk/backends";
import { decodePng, type ImageStart, type RgbImage, type TinyModelName } from "@vision/tiny";
import type { ReferenceEngine } from "./reference-engine.js";

/** An image answer, ready to be judged. */
export type ImageCheck = {
  readonly task: Task;
  readonly model: TinyModelName;
  /** Parsed by the schema of the task's family. */
  readonly request: RequestBody;
  readonly answer: Extract<Answer, { readonly kind: "images" }>;
  readonly signal: AbortSignal;
};

function toPixels({ width, height, pixels }: RgbImage): Pixels {
  return { width, height, channels: 3, data: pixels };
}

/** An image of more pixels than the task offers is no answer; it is refused before it is unpacked. */
function maxPixelsOf(task: Task): number {
  const sizes = (task.imageSizes ?? []).map((size) => size.split("x").reduce((area, side) => area * Number(side), 1));
  return sizes.length > 0 ? Math.max(...sizes) : protocolLimits.imageSidePixels ** 2;
}

/** What a picture to start from adds to the engine's options; null for one that no miner could have decoded. */
function readStart({ start }: ImageSampling): { readonly start?: ImageStart } | null {
  if (start === null) return {};
  const decoded = decodePng(Buffer.from(start.pngBase64, "base64"), { maxPixels: protocolLimits.startImagePixels });
  return decoded.ok ? { start: { image: decoded.image, skippedSteps: start.skippedSteps } } : null;
}

function decodeImage(base64: string, maxPixels: number): Pixels | null {
  const decoded = decodePng(Buffer.from(base64, "base64"), { maxPixels });
  return decoded.ok ? toPixels(decoded.image) : null;
}

/**
 * Judges an image answer: every image is made again from the same seed and compared pixel by pixel. The worst image counts. Nothing but
 * the bytes of the images is looked at.
 */
export async function checkImages(check: ImageCheck, engine: ReferenceEngine): Promise<Verdict> {
  const { task, model, request, answer, signal } = check;
  // Normalised requests always name their seed; a stored one that does not cannot be made again.
  const namedSeed = request["seed"];
  if (typeof namedSeed !== "number") return { kind: "inconclusive", reason: "the request names no seed" };
  const sampling = readImageSampling(task.family, request, namedSeed);
  if (sampling === null) return { kind: "inconclusive", reason: `no images are asked for in ${task.family}` };
  const { seeds, prompt, negativePrompt, steps, guidanceScale } = sampling;
  const start = readStart(sampling);
  if (start === null) return { kind: "inconclusive", reason: "the picture to start from cannot be decoded" };
  if (answer.imagesBase64.length !== seeds.length) {
    return judgedWorthless("imageCount", `${answer.imagesBase64.length} images instead of ${seeds.length}`);
  }
  let worst: Verdict = { kind: "judged", qualityFraction: 1, reasons: [] };
  for (const [index, seed] of seeds.entries()) {
    const own = decodeImage(answer.imagesBase64[index] ?? "", maxPixelsOf(task));
    if (own === null) return judgedWorthless("brokenImage", "the image cannot be decoded");
    const options = { prompt, seed, steps, guidanceScale, signal, ...start, ...(negativePrompt === undefined ? {} : { negativePrompt }) };
    const verdict = judgeImage(toPixels(await engine.generateImage(model, options)), own, task.check);
    if (verdict.kind === "inconclusive" || verdict.qualityFraction === 0) return verdict;
    if (verdict.qualityFraction < worst.qualityFraction) worst = verdict;
  }
  return worst;
}
