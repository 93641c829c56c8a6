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
  let isTextAlone = true;
  // Counted where somebody asks: of most answers nobody does.
  const units = () => {
    const text = texts.join("");
    return tokens > 0 ? Math.min(tokens, Buffer.byteLength(text)) : Math.ceil([...text].length / 4);
  };
  return {
    units,
    add(parts) {
      for (const part of parts) {
        switch (part.kind) {
          case "text":
            texts.push(part.text);
            break;
          case "tokens":
            tokens += part.tokens.length;
            break;
          case "usage":
          case "prompt":
            break;
          case "reasoning":
          case "refusal":
            texts.push(part.text);
            isTextAlone = false;
            break;
          case "toolCalls":
            for (const call of part.calls) texts.push(call.name ?? "", call.arguments);
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
