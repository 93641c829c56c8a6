import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { readModelFile, type TinyModelName } from "../model-files.js";
import type { GeneratedToken, GenerateOptions } from "./generate-tokens.js";
import { type LanguageModel, loadLanguageModel } from "./language-model.js";

const models = new Map<string, LanguageModel>();
for (const name of ["tiny-lm-q8_0", "tiny-lm-small-q8_0"] as const) models.set(name, await loadLanguageModel(name));

function modelOf(name: TinyModelName): LanguageModel {
  const model = models.get(name);
  if (model === undefined) throw new Error(`${name} is not loaded`);
  return model;
}

const model = modelOf("tiny-lm-q8_0");
const small = modelOf("tiny-lm-small-q8_0");
const invalidInput = expect.objectContaining({ code: "TINY_INVALID_INPUT" });

/** The exact bits of all logprobs. */
function digestOf(logprobs: readonly number[]): string {
  const bytes = Buffer.alloc(logprobs.length * 8);
  logprobs.forEach((logprob, i) => {
    bytes.writeDoubleLE(logprob, i * 8);
  });
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}

function ask(text: string): number[] {
  return model.chatPrompt([{ role: "user", content: text }]);
}

function answer(options: Partial<GenerateOptions> & Pick<GenerateOptions, "promptTokens">, by = model): GeneratedToken[] {
  return [...by.generate({ maxTokens: 40, temperature: 0.7, seed: 9, ...options })];
}

function idsOf(tokens: readonly GeneratedToken[]): number[] {
  return tokens.map(({ tokenId }) => tokenId);
}

describe("generate", () => {
  it.each([
    {
      name: "tiny-lm-q8_0",
      chat: "What is the capital of Italy?",
      options: { temperature: 0.7, seed: 9, maxTokens: 64 },
      text: "The capital of Italy is Rome.",
      count: 10,
      digest: "bbfd8a54b396779f",
    },
    {
      name: "tiny-lm-q8_0",
      chat: "Tell me a story about a fox.",
      options: { temperature: 1, seed: 123, maxTokens: 80 },
      text: 'Long ago, a clever girl named Mia lived in a pretty house by the bridge. She liked to walk to the village every day. One night, Mia heard a strange sound from the bridge. "What is that?" she asked. She took her lamp and walked slowly to the bridge. It was only a cold fox looking for doughnut. Mia laughed. "You are not scary at all!" she',
      count: 80,
      digest: "27871508a46384df",
    },
    {
      name: "tiny-lm-q8_0",
      chat: "What is 7 times 8?",
      options: { temperature: 0, seed: 0, maxTokens: 20 },
      text: "7 times 8 is 56.",
      count: 8,
      digest: "39a536f149c78b6f",
    },
    {
      name: "tiny-lm-small-q8_0",
      chat: "Tell me a bedtime story.",
      options: { temperature: 0, seed: 0, maxTokens: 40 },
      text: "There once was a clever girl called Molly. She liked to walk to the beach every day. One day, Molly could not find her chains. She looked in the village and in the lake, but",
      count: 40,
      digest: "0d13d6c23b02b56a",
    },
  ] as const)("of $name gives the golden text and bits for: $chat", ({ name, chat, options, text, count, digest }) => {
    const by = modelOf(name);
    const tokens = [...by.generate({ promptTokens: by.chatPrompt([{ role: "user", content: chat }]), ...options })];
    expect(by.tokenizer.decode(idsOf(tokens))).toBe(text);
    expect(tokens).toHaveLength(count);
    expect(digestOf(tokens.map(({ logprob }) => logprob))).toBe(digest);
  });

  it("continues a text with the golden bits", () => {
    const tokens = answer({ promptTokens: model.completionPrompt("Once upon a time"), temperature: 0.8, seed: 42 });
    expect(model.tokenizer.decode(idsOf(tokens))).toMatch(/^, there was a quiet girl named Zoe\. She loved to play with her green ladder/);
    expect(digestOf(tokens.map(({ logprob }) => logprob))).toBe("b66fe450fd33dc01");
  });

  it("ends with an end token, which has no bytes", () => {
    const tokens = answer({ promptTokens: ask("What is 7 times 8?"), temperature: 0 });
    expect(tokens.map(({ isEnd }) => isEnd)).toEqual([...new Array<boolean>(tokens.length - 1).fill(false), true]);
    expect(model.endOfTextTokens).toContain(tokens.at(-1)?.tokenId);
    expect(tokens.at(-1)?.bytes).toHaveLength(0);
  });

  it("ends at a stop token of the caller", () => {
    const full = idsOf(answer({ promptTokens: ask("Count from 1 to 9."), temperature: 0 }));
    const stop = full[4] ?? 0;
    const tokens = answer({ promptTokens: ask("Count from 1 to 9."), temperature: 0, stopTokens: [stop] });
    expect(idsOf(tokens)).toEqual(full.slice(0, full.indexOf(stop) + 1));
    expect(tokens.at(-1)?.isEnd).toBe(true);
  });

  it("ends when the context is full", () => {
    const promptTokens = model.completionPrompt(" a".repeat(507));
    expect(answer({ promptTokens, temperature: 1, seed: 4 }).length).toBeLessThanOrEqual(512 - promptTokens.length);
    expect(answer({ promptTokens: promptTokens.concat(new Array<number>(511 - promptTokens.length).fill(5)) })).toHaveLength(1);
  });

  it("reports the likeliest tokens, and at temperature 0 takes the first", () => {
    for (const token of answer({ promptTokens: ask("Hello!"), temperature: 0, topLogprobs: 5 })) {
      expect(token.topLogprobs).toHaveLength(5);
      expect(token.topLogprobs[0]).toEqual({ tokenId: token.tokenId, bytes: token.bytes, logprob: token.logprob });
      const logprobs = token.topLogprobs.map(({ logprob }) => logprob);
      expect(logprobs).toEqual([...logprobs].sort((a, b) => b - a));
      expect(logprobs.reduce((sum, logprob) => sum + Math.exp(logprob), 0)).toBeLessThanOrEqual(1.00001);
    }
  });

  it("gives the same bits when generators run in turns, and when their memory is used again", () => {
    const prompts = ["Tell me a story.", "What is the capital of Chad?", "Who are you?"].map(ask);
    const alone = prompts.map((promptTokens, i) => answer({ promptTokens, seed: i }));
    const running = prompts.map((promptTokens, i) => model.generate({ promptTokens, maxTokens: 40, temperature: 0.7, seed: i }));
    const inTurns: GeneratedToken[][] = prompts.map(() => []);
    for (let round = 0; round < 41; round++) {
      running.forEach((generator, i) => {
        const turn = generator.next();
        if (turn.done !== true) inTurns[i]?.push(turn.value);
        model.score({ promptTokens: prompts[0] ?? [], outputTokens: [5, 6, 7] });
      });
    }
    expect(inTurns).toEqual(alone);
  });

  it("hands its memory back when it is left early", () => {
    answer({ promptTokens: ask("Hello!") });
    const before = model.memoryBytes();
    for (let i = 0; i < 20; i++) {
      for (const _ of model.generate({ promptTokens: ask("Hello!"), maxTokens: 9, temperature: 1, seed: i })) break;
    }
    expect(model.memoryBytes()).toBe(before);
  });

  it.each<[string, Partial<GenerateOptions>]>([
    ["no prompt", { promptTokens: [] }],
    ["a token that is not in the vocabulary", { promptTokens: [4096] }],
    ["a negative token", { promptTokens: [-1] }],
    ["a token that is no whole number", { promptTokens: [1.5] }],
    ["a prompt as long as the context", { promptTokens: new Array<number>(512).fill(5) }],
    ["maxTokens 0", { maxTokens: 0 }],
    ["maxTokens that is not a number", { maxTokens: Number.NaN }],
    ["a negative temperature", { temperature: -1 }],
    ["a temperature that is not a number", { temperature: Number.NaN }],
    ["an infinite temperature", { temperature: Number.POSITIVE_INFINITY }],
    ["a seed that is not whole", { seed: 0.5 }],
    ["topLogprobs 21", { topLogprobs: 21 }],
    ["a stop token that is not in the vocabulary", { stopTokens: [9999] }],
  ])("refuses %s at once", (_, options) => {
    expect(() => model.generate({ promptTokens: [5], maxTokens: 4, temperature: 0, seed: 0, ...options })).toThrow(invalidInput);
  });
});

describe("generate with a sampler of the caller's", () => {
  it("takes its choice at every position of the whole sequence, and still reports the model's own logprobs", () => {
    const promptTokens = ask("Tell me a story.");
    const seen: number[] = [];
    const tokens = [
      ...model.generate({ promptTokens, maxTokens: 5, temperature: 1, seed: 1, topLogprobs: 3 }, (logits, position) => {
        seen.push(position);
        return logits.fill(0).length > 0 ? 400 + seen.length : 0;
      }),
    ];
    expect(seen).toEqual([0, 1, 2, 3, 4].map((index) => promptTokens.length - 1 + index));
    expect(idsOf(tokens)).toEqual([401, 402, 403, 404, 405]);
    const scores = model.score({ promptTokens, outputTokens: idsOf(tokens) });
    expect(scores.map(({ logprob }) => logprob)).toEqual(tokens.map(({ logprob }) => logprob));
  });
});

describe("score", () => {
  it.each([0, 0.7, 1.3])("gives the bits of generating, in one pass, at temperature %p", (temperature) => {
    const promptTokens = ask("Tell me a story about a dragon and a kite.");
    const tokens = answer({ promptTokens, temperature, seed: 77, maxTokens: 150, topLogprobs: 20 });
    const scores = model.score({ promptTokens, outputTokens: idsOf(tokens) });
    expect(scores.map(({ logprob }) => logprob)).toEqual(tokens.map(({ logprob }) => logprob));
    expect(scores.map(({ bestIds }) => bestIds)).toEqual(tokens.map(({ topLogprobs }) => topLogprobs.map(({ tokenId }) => tokenId)));
    if (temperature === 0) expect(scores.every(({ rank, bestIds, tokenId }) => rank === 0 && bestIds[0] === tokenId)).toBe(true);
  });

  it("shows the answer of the smaller model by what it finds likelier", () => {
    const promptTokens = ask("What is the capital of Portugal?");
    const outputTokens = idsOf(answer({ promptTokens, temperature: 0 }, small));
    const scores = model.score({ promptTokens, outputTokens });
    expect(Math.max(...scores.map(({ logprob, bestLogprobs }) => (bestLogprobs[0] ?? 0) - logprob))).toBeGreaterThan(1);
  });

  it("ranks tokens by logit", () => {
    const promptTokens = ask("What is 2 plus 2?");
    const [first] = answer({ promptTokens, temperature: 0, topLogprobs: 20, maxTokens: 1 });
    first?.topLogprobs.forEach(({ tokenId, logprob }, rank) => {
      const [score] = model.score({ promptTokens, outputTokens: [tokenId] });
      expect(score).toMatchObject({ tokenId, rank, logprob });
    });
  });

  it("takes prompt and answer up to the whole context", () => {
    const outputTokens = Array.from({ length: 500 }, (_, i) => 5 + ((i * 37) % 4000));
    expect(model.score({ promptTokens: new Array<number>(12).fill(9), outputTokens })).toHaveLength(500);
    expect(() => model.score({ promptTokens: new Array<number>(13).fill(9), outputTokens })).toThrow(invalidInput);
  });

  it.each([[[]], [[4096]], [[-1]], [[0.5]]])("refuses the answer %j", (outputTokens) => {
    expect(() => model.score({ promptTokens: [5], outputTokens })).toThrow(invalidInput);
  });
});

describe("loadLanguageModel", () => {
  it("loads the bytes of a file", async () => {
    const loaded = await loadLanguageModel(await readModelFile("tiny-lm-small-q8_0"));
    const promptTokens = ask("Hello!");
    expect(answer({ promptTokens }, loaded)).toEqual(answer({ promptTokens }, small));
    expect(loaded.name).toBe("tiny-embedded-lm");
  });

  it("refuses a model of another kind", async () => {
    const image = await readModelFile("tiny-emoji-diffusion-f16");
    await expect(loadLanguageModel(image)).rejects.toMatchObject({ code: "TINY_INVALID_MODEL" });
  });

  it("refuses sizes that do not belong to the weights", async () => {
    const bytes = Uint8Array.from(await readModelFile("tiny-lm-small-q8_0"));
    const key = Buffer.from("llama.feed_forward_length");
    const at = Buffer.from(bytes).indexOf(key) + key.length + 4;
    bytes.set([0x00, 0x02, 0, 0], at);
    await expect(loadLanguageModel(bytes)).rejects.toMatchObject({ code: "TINY_INVALID_MODEL" });
  });
});
