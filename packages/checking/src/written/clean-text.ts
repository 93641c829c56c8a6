/** What a model puts before or around the text that it was asked for. */
const PREAMBLE = /^(?:sure|certainly|of course|okay|here(?:'s| is| are))\b[^\n]{0,120}:\s*\n+/i;
const LABEL = /^(?:user|person|message|prompt|text)\s*:\s*/i;
const QUOTED = /^(?:"([^"]+)"|“([^”]+)”|'([^'\n]+)')$/;

/** What no user would have written: the words of the assignment, names of special tokens, a model that speaks of itself, what is no text. */
const TELLTALE =
  /no quotation marks|nothing else:|types (?:next|to an assistant)|<\||\|>|\uFFFD|\bas an ai\b|^\s*(?:i['’]?m sorry|i can(?:no|['’])t)\b|language model/i;

const SHORTEST_CHARACTERS = 3;
const LONGEST_CHARACTERS = 4_000;

/**
 * What a model wrote in a user's place, without what it put around it; null where it is no such text.
 *
 * @param isEnded - Whether the model came to an end; a text that was cut off ends with its last whole line or sentence.
 */
export function cleanText({ text, isEnded }: { readonly text: string; readonly isEnded: boolean }): string | null {
  const bare = text.trim().replace(PREAMBLE, "").replace(LABEL, "").trim();
  const [, ...quoted] = QUOTED.exec(bare) ?? [];
  const whole = quoted.find((each) => each !== undefined) ?? bare;
  const kept = isEnded ? whole : (/^[\s\S]*(?:[.!?。！？](?=\s|$)|(?=\n))/.exec(whole)?.[0] ?? "").trim();
  const areFencesClosed = kept.split("```").length % 2 === 1;
  if (kept.length < SHORTEST_CHARACTERS || kept.length > LONGEST_CHARACTERS || !areFencesClosed || TELLTALE.test(kept)) return null;
  return kept;
}
