import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { ClaimedToken, ScoredPosition } from "@vision/protocol";
import { type LanguageModel, loadLanguageModel } from "@vision/tiny";
import type { ReferenceModel } from "../reference-model.js";

const signal = new AbortController().signal;
const conversation = [
  { role: "system", content: "You are brief." },
  { role: "user", content: "What is the capital of Italy?" },
];

const claimed = (token: Partial<ClaimedToken>): ClaimedToken => ({ text: "", bytes: null, logprob: -1, ...token });

/** How far arithmetic of another engine on the same weights may lie away, nats. Measured: at most 0.083 on this model. */
const ENGINE_NOISE_NATS = 0.15;

/**
 * What every kind of reference answers alike, asked of the embedded language model `tiny-lm-q8_0` wherever it runs.
 *
 * @param open - A reference on that model. Closed at the end.
 */
export function describeReferenceModel(name: string, open: () => Promise<ReferenceModel>): void {
  describe(`${name}, as any reference model`, () => {
    let model: ReferenceModel;
    let tiny: LanguageModel;
    beforeAll(async () => {
      tiny = await loadLanguageModel("tiny-lm-q8_0");
      model = await open();
    }, 60_000);
    afterAll(() => model.close());

    const scores = async (promptTokens: readonly number[], outputTokens: readonly number[]): Promise<readonly ScoredPosition[]> => {
      const scored = await model.score({ promptTokens, outputTokens }, signal);
      if (scored.kind !== "scored") throw new Error(scored.reason);
      return scored.positions;
    };

    it("tells its context and the tokens that end an answer", async () => {
      const { contextTokens, endTokens } = await model.facts(signal);
      expect(contextTokens).toBe(512);
      expect(endTokens).toContain(tiny.tokenizer.specialTokenId("<|im_end|>"));
    });

    it("reads a conversation by the model's own template", async () => {
      const read = await model.readPrompt({ kind: "chat", messages: conversation, isContinued: false }, signal);
      expect(read).toEqual({ kind: "read", tokens: tiny.chatPrompt(conversation) });
    });

    it("reads the beginning of an answer as one that nothing closes", async () => {
      const begun = [...conversation, { role: "assistant", content: "The capital of" }];
      const read = await model.readPrompt({ kind: "chat", messages: begun, isContinued: true }, signal);
      expect(read).toEqual({ kind: "read", tokens: tiny.chatPrompt(begun, { isContinued: true }) });
    });

    it("reads a text without anything around it", async () => {
      const read = await model.readPrompt({ kind: "text", text: "Once upon a time" }, signal);
      expect(read).toEqual({ kind: "read", tokens: tiny.tokenizer.encode("Once upon a time") });
    });

    it("encodes a text as it stands in an answer, and says what tokens say", async () => {
      const text = " the Café, 🍎 and <3";
      const tokens = await model.encode(text, signal);
      expect(tokens).toEqual(tiny.tokenizer.encode(text));
      expect(await model.decode(tokens, signal)).toBe(text);
      expect(await model.decode([], signal)).toBe("");
    });

    it("shows what is no whole character as U+FFFD, and nothing for a special token", async () => {
      const apple = await model.encode("🍎", signal);
      expect(apple.length).toBeGreaterThan(1);
      expect(await model.decode(apple.slice(0, -1), signal)).toMatch(/^\uFFFD+$/);
      const end = tiny.tokenizer.specialTokenId("<|im_end|>") ?? -1;
      expect(await model.decode([...apple, end], signal)).toBe("🍎");
    });

    it("finds claimed tokens by id, else by bytes, else by name", async () => {
      const [rome = -1] = tiny.tokenizer.encode(" Rome");
      const bytes = [...tiny.tokenizer.tokenBytes(rome)];
      const end = tiny.tokenizer.specialTokenId("<|im_end|>") ?? -1;
      const found = await model.idsOf(
        [
          claimed({ id: rome }),
          claimed({ bytes }),
          claimed({ text: "<|im_end|>", bytes: [] }),
          claimed({ id: 1e9 }),
          claimed({ id: 0.5 }),
          claimed({ bytes: [0xff, 0xfe, 0x00, 0x01], text: "no such token" }),
        ],
        signal,
      );
      expect(found).toEqual([rome, rome, end, null, null, null]);
    });

    it("scores an answer in one pass: logprob, rank and the likeliest of each token, the end included", async () => {
      const promptTokens = tiny.chatPrompt(conversation);
      const outputTokens = [...tiny.generate({ promptTokens, maxTokens: 24, temperature: 0, seed: 1 })].map(({ tokenId }) => tokenId);
      const positions = await scores(promptTokens, outputTokens);
      const expected = tiny.score({ promptTokens, outputTokens });
      expect(positions.map(({ tokenId }) => tokenId)).toEqual(outputTokens);
      for (const [index, position] of positions.entries()) {
        const wanted = expected[index];
        expect(`${index}: ${position.rank}`).toBe(`${index}: 0`);
        expect(Math.abs(position.logprob - (wanted?.logprob ?? Number.NaN))).toBeLessThan(ENGINE_NOISE_NATS);
        expect(position.bestIds[0]).toBe(position.tokenId);
        expect(position.bestLogprobs[0]).toBeCloseTo(position.logprob, 6);
        const best = Array.from(position.bestLogprobs);
        expect(best.length).toBe(position.bestIds.length);
        expect(best).toEqual([...best].sort((a, b) => b - a));
      }
    });

    it("ranks a token that the model would not write behind those that it would, with its own logprob", async () => {
      const promptTokens = tiny.chatPrompt(conversation);
      const [apple = -1] = tiny.tokenizer.encode(" apple");
      const [position] = await scores(promptTokens, [apple]);
      const [expected] = tiny.score({ promptTokens, outputTokens: [apple] });
      expect(position?.rank).toBeGreaterThan(5);
      expect(position?.rank).toBeLessThanOrEqual(expected?.rank ?? -1);
      // Far from the likeliest the noise of two engines is larger.
      expect(Math.abs((position?.logprob ?? 0) - (expected?.logprob ?? 0))).toBeLessThan(4 * ENGINE_NOISE_NATS);
    });

    it("answers several questions at once as it answers one", async () => {
      const promptTokens = tiny.chatPrompt(conversation);
      const outputs = ["Rome", "Paris", "I do not know"].map((text) => tiny.tokenizer.encode(text));
      const together = await Promise.all(outputs.map((tokens) => scores(promptTokens, tokens)));
      for (const [index, tokens] of outputs.entries()) expect(together[index]).toEqual(await scores(promptTokens, tokens));
    });

    const write = async (promptTokens: readonly number[], seed: number, maxTokens = 24) => {
      const written = await model.write({ promptTokens, maxTokens, temperature: 1, seed }, signal);
      if (written.kind !== "written") throw new Error(written.reason);
      return written;
    };

    it("writes on from a prompt: the same again by the same seed, another text by another one", async () => {
      const promptTokens = tiny.tokenizer.encode("Once upon a time");
      const texts = [];
      for (const seed of [1, 1, 2]) texts.push((await write(promptTokens, seed)).text);
      expect(texts[1]).toBe(texts[0]);
      expect(texts[2]).not.toBe(texts[0]);
      for (const text of texts) {
        expect(text.length).toBeGreaterThan(20);
        // It is the model's own: far likelier than any text of so many tokens.
        const positions = await scores(promptTokens, tiny.tokenizer.encode(text));
        const mean = positions.reduce((sum, { logprob }) => sum + logprob, 0) / positions.length;
        expect(mean).toBeGreaterThan(-4);
      }
    });

    it("writes until its end, of which nothing is in the text, or for as many tokens as it may", async () => {
      const promptTokens = tiny.chatPrompt([{ role: "user", content: "What is the capital of Italy?" }]);
      const ended = await write(promptTokens, 3, 200);
      expect(ended.isEnded).toBe(true);
      expect(ended.text).toMatch(/^[A-Z][^<|]*$/);
      const cut = await write(promptTokens, 3, 2);
      expect(cut.isEnded).toBe(false);
      expect(ended.text.startsWith(cut.text)).toBe(true);
      const tooLong = await model.write({ promptTokens, maxTokens: 512, temperature: 1, seed: 3 }, signal);
      expect(tooLong.kind).toBe("unusable");
    });

    it("does not begin what nobody waits for any more", async () => {
      const promptTokens = tiny.chatPrompt(conversation);
      const aborted = AbortSignal.abort(new Error("nobody waits"));
      await expect(model.score({ promptTokens, outputTokens: tiny.tokenizer.encode("Rome") }, aborted)).rejects.toThrow("nobody waits");
      await expect(model.write({ promptTokens, maxTokens: 2, temperature: 1, seed: 1 }, aborted)).rejects.toThrow("nobody waits");
    });
  });
}
