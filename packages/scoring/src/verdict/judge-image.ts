import type { TaskCheck } from "@vision/protocol";
import { judgedWorthless, type Verdict } from "./verdict.js";

/** A decoded picture: interleaved 8-bit channels. Shape of `data`: width x height x channels. */
export type Pixels = {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
};

/** Most pixels (as a share of the channel values) that may be past the tolerance without the picture being another one. */
const STRAY_FRACTION = 0.01;

/**
 * Judges a picture by comparing its decoded pixels with those that the reference made from the same seed. Nothing that the miner says
 * about its picture is used.
 *
 * With a tolerance of 0 the engine is deterministic and only the exact picture counts. With a tolerance t the quality is 1 up to t, and
 * falls to 0 at 2 t if only a few values are past it; anything beyond is another picture.
 *
 * @param answer - null if the bytes are not a picture that can be decoded.
 */
export function judgeImage(reference: Pixels, answer: Pixels | null, check: TaskCheck): Verdict {
  if (check.kind === "none") return { kind: "judged", qualityFraction: 1, reasons: [] };
  if (check.kind !== "regenerate") return { kind: "inconclusive", reason: `images cannot be checked by ${check.kind}` };
  const expected = reference.width * reference.height * reference.channels;
  if (reference.data.length !== expected || expected === 0) return { kind: "inconclusive", reason: "the reference picture is damaged" };
  if (answer === null) return judgedWorthless("brokenImage", "the image cannot be decoded");
  if (answer.width !== reference.width || answer.height !== reference.height) {
    const reason = `the image is ${answer.width}x${answer.height}, not ${reference.width}x${reference.height}`;
    return judgedWorthless("imageSize", reason);
  }
  if (answer.channels !== reference.channels || answer.data.length !== expected) {
    return judgedWorthless("imageSize", `the image has ${answer.channels} channels, not ${reference.channels}`);
  }
  const tolerance = check.maxPixelDifference;
  let largest = 0;
  let strays = 0;
  for (let index = 0; index < expected; index += 1) {
    const difference = Math.abs((reference.data[index] ?? 0) - (answer.data[index] ?? 0));
    if (difference > largest) largest = difference;
    if (difference > tolerance) strays += 1;
  }
  if (largest <= tolerance) return { kind: "judged", qualityFraction: 1, reasons: [] };
  const reason = `${strays} of ${expected} channel values differ by more than ${tolerance}, at most by ${largest}`;
  const isOther = tolerance === 0 || strays > expected * STRAY_FRACTION;
  return {
    kind: "judged",
    qualityFraction: isOther ? 0 : Math.max(0, 1 - (largest - tolerance) / tolerance),
    reasons: [reason],
    fault: "otherImage",
  };
}
