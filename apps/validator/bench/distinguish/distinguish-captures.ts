import { createSeededRandom } from "@vision/scoring/probing";
import { type Capture, conversationOf } from "./capture.js";
import { type Distinction, distinguish, type Learner } from "./evaluate.js";
import { readFields } from "./features/fields.js";
import { readRepetition } from "./features/repetition.js";
import { readShape } from "./features/shape.js";
import { type FeatureRow, tableOf } from "./features/table.js";
import { readTiming } from "./features/timing.js";
import { readWords } from "./features/words.js";

/** What can be looked at of requests. */
export const aspects = ["words", "fields", "text shape", "repetition", "timing", "all together"] as const;

/** One of {@link aspects}. */
export type Aspect = (typeof aspects)[number];

/** How well each learner tells organic requests, by aspect and learner. */
export type Distinctions = Readonly<Record<Aspect, Readonly<Record<string, Distinction>>>>;

/** Has learners tell organic requests by each aspect and by all. The captures must be in order of arrival; folds are drawn by the seed. */
export function distinguishCaptures(captures: readonly Capture[], learners: readonly Learner[], seed: string): Distinctions {
  const areOrganic = captures.map(({ isOrganic }) => isOrganic);
  const conversations = captures.map(conversationOf);
  const words = readWords(captures);
  const fields = readFields(captures);
  const shape = readShape(captures);
  const repetition = readRepetition(captures);
  const timing = readTiming(captures);
  const all = captures.map((_, index) => ({ ...words[index], ...fields[index], ...shape[index], ...repetition[index], ...timing[index] }));
  const rows: Readonly<Record<Aspect, readonly FeatureRow[]>> = {
    words,
    fields,
    "text shape": shape,
    repetition,
    timing,
    "all together": all,
  };
  const tell = (aspect: Aspect) =>
    learners.map((learner) => {
      const random = createSeededRandom(seed, ["folds", aspect]);
      return [learner.name, distinguish({ ...tableOf(rows[aspect]), areOrganic, conversations }, learner, random)];
    });
  return Object.fromEntries(aspects.map((aspect) => [aspect, Object.fromEntries(tell(aspect))])) as Distinctions;
}
