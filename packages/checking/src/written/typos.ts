import type { Random } from "@vision/scoring/probing";

/** Of the words, that are mistyped by somebody who mistypes. */
const MISTYPED_FRACTION = 0.07;
const SHORTEST_WORD = 4;
/** Those who mistype often do without capitals. */
const LOWER_FRACTION = 0.4;

function mistype(word: string, random: Random): string {
  const at = 1 + random.nextInt(word.length - 2);
  const [before, own, next, after] = [word.slice(0, at), word[at] ?? "", word[at + 1] ?? "", word.slice(at + 2)];
  const kinds = [`${before}${next}${after}`, `${before}${own}${own}${next}${after}`, `${before}${next}${own}${after}`] as const;
  return kinds[random.nextInt(kinds.length)] ?? word;
}

/** A text as somebody types it who does not look at it again: letters left out, doubled and swapped, but none in code and addresses. */
export function addTypos(text: string, random: Random): string {
  const isLower = random.next() < LOWER_FRACTION;
  // Every second part is between fences or marks of code.
  return text
    .split(/(```[\s\S]*?```|`[^`\n]*`|\S*[/@\\_<>{}=]\S*)/)
    .map((part, index) => {
      if (index % 2 === 1) return part;
      const typed = part.replaceAll(/[a-z]+/g, (word) =>
        word.length >= SHORTEST_WORD && random.next() < MISTYPED_FRACTION ? mistype(word, random) : word,
      );
      return isLower ? typed.toLowerCase() : typed;
    })
    .join("");
}
