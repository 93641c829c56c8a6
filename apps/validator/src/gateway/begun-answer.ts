import type { AnswerPart, BegunAnswer } from "@vision/protocol";

/** Keeps what a user has seen of an answer. */
export type BegunAnswerKeeper = {
  add(parts: readonly AnswerPart[]): void;
  /** The beginning so far; null where it is more than text, or has its end: then no other miner can go on with it. */
  read(): BegunAnswer | null;
  /** Work units of all that there is so far, whatever it is. */
  units(): number;
};

/**
 * Keeps the text of an answer while it goes by. Work units as the family counts them, listed tokens or else a quarter of the characters, but
 * no more than there are bytes: nobody will check what broke off, and no tokenizer makes more than one token of a byte.
 */
export function keepBegunAnswer(): BegunAnswerKeeper {
  const texts: string[] = [];
  let tokens = 0;
  let characters = 0;
  let bytes = 0;
  let isTextAlone = true;
  const count = (text: string) => {
    for (const _ of text) characters += 1;
    bytes += Buffer.byteLength(text);
  };
  const units = () => (tokens > 0 ? Math.min(tokens, bytes) : Math.ceil(characters / 4));
  return {
    units,
    add(parts) {
      for (const part of parts) {
        switch (part.kind) {
          case "text":
            texts.push(part.text);
            count(part.text);
            break;
          case "tokens":
            tokens += part.tokens.length;
            break;
          case "usage":
          case "prompt":
            break;
          case "reasoning":
          case "refusal":
            count(part.text);
            isTextAlone = false;
            break;
          case "toolCalls":
            for (const call of part.calls) count(`${call.name ?? ""}${call.arguments}`);
            isTextAlone = false;
            break;
          case "images":
          case "vectors":
          case "finishReason":
            isTextAlone = false;
        }
      }
    },
    read() {
      const text = texts.join("");
      if (!isTextAlone || text === "") return null;
      return { text, units: units() };
    },
  };
}
