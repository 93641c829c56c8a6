import { type Capture, messagesOf } from "../capture.js";
import type { FeatureRow } from "./table.js";

const MOST_WORDS = 300;

/** Which of the most frequent words a request has. Numbers count as one word, else each would be one. */
export function readWords(captures: readonly Capture[]): readonly FeatureRow[] {
  const bags = captures.map(
    (capture) =>
      new Set(
        messagesOf(capture)
          .map(({ text }) => text.toLowerCase().replaceAll(/\d+/g, "0"))
          .join(" ")
          .match(/[\p{L}0]+/gu) ?? [],
      ),
  );
  const counts = new Map<string, number>();
  for (const bag of bags) for (const word of bag) counts.set(word, (counts.get(word) ?? 0) + 1);
  const words = [...counts].sort((one, other) => other[1] - one[1]).slice(0, MOST_WORDS);
  const vocabulary = new Set(words.map(([word]) => word));
  return bags.map((bag) => {
    const known = [...bag].filter((word) => vocabulary.has(word));
    // Who has a closed vocabulary never says a word that is rare.
    return {
      ...Object.fromEntries(known.map((word) => [`word ${word}`, 1])),
      "share of rare words": 1 - known.length / Math.max(1, bag.size),
    };
  });
}
