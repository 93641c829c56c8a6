import { clamp } from "./numbers.js";
import type { AnswerSample } from "./observation.js";
import type { AnswerFault } from "./report.js";

const MOST_FAULTS = 3;
const MOST_REASONS = 4;
const LONGEST_REASON = 200;

function textsOf(reasons: unknown): readonly string[] {
  if (!Array.isArray(reasons)) return [];
  const texts = reasons.filter((reason): reason is string => typeof reason === "string" && reason !== "");
  return texts.slice(0, MOST_REASONS).map((text) => text.slice(0, LONGEST_REASON));
}

/** Newest first, then worst; a tie is settled by what was found, so that the order of samples does not matter. */
function compareFaults(a: AnswerFault, b: AnswerFault): number {
  if (a.period !== b.period) return b.period - a.period;
  if (a.qualityFraction !== b.qualityFraction) return a.qualityFraction - b.qualityFraction;
  const [left, right] = [a.reasons.join("\n"), b.reasons.join("\n")];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** What the checks found wrong with the newest answers; at most three of them. They explain a score and have no part in it. */
export function newestFaults(samples: readonly AnswerSample[]): readonly AnswerFault[] {
  const faults: AnswerFault[] = [];
  for (const { period, qualityFraction, reasons } of samples) {
    if (reasons === undefined || !Number.isFinite(period)) continue;
    const texts = textsOf(reasons);
    if (texts.length > 0) faults.push({ period, qualityFraction: clamp(qualityFraction, 1), reasons: texts });
  }
  return faults.length === 0 ? faults : faults.sort(compareFaults).slice(0, MOST_FAULTS);
}
