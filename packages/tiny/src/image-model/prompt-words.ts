/** Words of a prompt that the image model reads. */
export const PROMPT_WORDS = 12;

const skippedWords: ReadonlySet<string> = new Set(["a", "an", "the", "of", "with"]);
/** Longest prompt looked at; twelve words are found long before. */
const MAX_PROMPT_CHARACTERS = 4096;

/** 32-bit FNV-1a hash of an ASCII text. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

function singular(word: string): string {
  return word.length > 3 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}

/**
 * Word numbers of a prompt, as in training: lower case, without articles, in the singular, hashed into `buckets`.
 *
 * @returns PROMPT_WORDS numbers from 1 to buckets - 1, filled up with 0. An empty prompt is all 0: "anything".
 */
export function encodePromptWords(prompt: string, buckets: number): number[] {
  const found =
    prompt
      .slice(0, MAX_PROMPT_CHARACTERS)
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  const words = found.filter((word) => !skippedWords.has(word)).slice(0, PROMPT_WORDS);
  const numbers = words.map((word) => 1 + (fnv1a(singular(word)) % (buckets - 1)));
  return [...numbers, ...new Array<number>(PROMPT_WORDS - numbers.length).fill(0)];
}
