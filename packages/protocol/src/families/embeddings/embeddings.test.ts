import { describe, expect, it } from "@jest/globals";
import { embeddings } from "./family.js";
import { type EmbeddingRequest, embeddingTokens } from "./request.js";
import { decodeVector, encodeVector } from "./vectors.js";

const two: EmbeddingRequest = { model: "m", input: ["one", "two"] };
const entry = (index: number, numbers: readonly number[]) => ({ object: "embedding", index, embedding: encodeVector(numbers) });

function collect(request: EmbeddingRequest, body: unknown) {
  const collector = embeddings.createCollector(request);
  const added = collector.addBody(body);
  return added.ok ? collector.finish() : added;
}

describe("encodeVector", () => {
  it("writes what OpenAI's clients read: little-endian 32-bit floats", () => {
    expect(encodeVector([1, -2, 0.5])).toBe(Buffer.from(new Float32Array([1, -2, 0.5]).buffer).toString("base64"));
    expect(decodeVector(encodeVector([1, -2, 0.5]))).toEqual(new Float32Array([1, -2, 0.5]));
  });

  it.each([
    ["nothing", ""],
    ["half a number", "AAA="],
    ["no base64", "%%%%"],
    ["a number that is not finite", encodeVector([1, Number.NaN])],
    ["an infinite number", encodeVector([1e39])],
  ])("does not read %s", (_name, text) => {
    expect(decodeVector(text)).toBeNull();
  });
});

describe("embeddings", () => {
  it("counts a quarter of the bytes of each text, rounded up, whatever a miner says", () => {
    expect(embeddingTokens({ input: "abcd" })).toBe(1);
    expect(embeddingTokens({ input: ["abcde", "é"] })).toBe(3);
    const answer = { kind: "vectors", vectorsBase64: [encodeVector([1]), encodeVector([1])] } as const;
    expect(embeddings.workUnits(two, answer)).toBe(2);
    expect(embeddings.maxWorkUnits(two)).toBe(2);
  });

  it("sends every request in one form, so that it does not tell who asks", () => {
    const task = { id: "embedding-tiny" };
    const one = embeddings.normalise({ model: "x", input: "hi", encoding_format: "float", user: "me" }, { task, fallbackSeed: 1 });
    expect(JSON.stringify(one)).toBe('{"model":"embedding-tiny","input":["hi"],"encoding_format":"base64"}');
    expect(JSON.stringify(embeddings.normalise({ model: "y", input: ["hi"] }, { task, fallbackSeed: 2 }))).toBe(JSON.stringify(one));
  });

  it("takes the vectors by their index", () => {
    const body = { data: [entry(1, [2, 2]), entry(0, [1, 1])] };
    expect(collect(two, body)).toEqual({
      ok: true,
      answer: { kind: "vectors", vectorsBase64: [encodeVector([1, 1]), encodeVector([2, 2])] },
    });
  });

  it.each([
    ["no object", null],
    ["one vector for two texts", { data: [entry(0, [1])] }],
    ["three vectors", { data: [entry(0, [1]), entry(1, [1]), entry(2, [1])] }],
    ["an index twice", { data: [entry(0, [1]), entry(0, [1])] }],
    ["an index that is none", { data: [entry(0, [1]), { ...entry(1, [1]), index: 0.5 }] }],
    ["vectors of two lengths", { data: [entry(0, [1]), entry(1, [1, 2])] }],
    ["a list of numbers", { data: [entry(0, [1]), { index: 1, embedding: [1] }] }],
    ["a vector longer than there are", { data: [entry(0, [1]), entry(1, new Array(8193).fill(1))] }],
    ["an error", { error: { message: "no" } }],
  ])("refuses %s", (_name, body) => {
    expect(collect(two, body)).toMatchObject({ ok: false, reason: expect.stringContaining("not an embedding answer") });
  });

  it("bounds a reply by the number of texts", () => {
    const { bodyBytes, values } = embeddings.replyLimits(two);
    const whole = JSON.stringify({ data: [entry(0, new Array(8192).fill(1)), entry(1, new Array(8192).fill(1))] });
    expect(bodyBytes).toBeGreaterThan(whole.length);
    expect(bodyBytes).toBeLessThan(2 * whole.length);
    expect(values).toBeLessThan(1_000);
  });

  it("gives the user floats, or base64 where that was asked for", () => {
    const answer = { kind: "vectors", vectorsBase64: [encodeVector([1, 0.5])] } as const;
    const identity = { id: "embd-1", createdSeconds: 1, model: "mine", choiceIndex: 0 };
    const presented = (request: EmbeddingRequest) => {
      const presenter = embeddings.createPresenter({ ...identity, request });
      return presenter.body([presenter.choice(answer), presenter.choice(answer)], { promptTokens: 3, completionTokens: 1 });
    };
    expect(presented({ model: "m", input: "x" })).toEqual({
      object: "list",
      data: [
        { object: "embedding", index: 0, embedding: [1, 0.5] },
        { object: "embedding", index: 1, embedding: [1, 0.5] },
      ],
      model: "mine",
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
    expect(presented({ model: "m", input: "x", encoding_format: "base64" })).toMatchObject({
      data: [{ embedding: encodeVector([1, 0.5]) }, {}],
    });
  });

  it("asks for lists of token ids one by one, as each is read as text first", () => {
    const body = { model: "m", input: [[1, 2], [3]] };
    expect(embeddings.countAnswers(body)).toBe(2);
    expect(embeddings.split(body)).toEqual([[{ model: "m", input: [1, 2] }], [{ model: "m", input: [3] }]]);
    expect(embeddings.promptTokenIds({ model: "m", input: [1, 2] })).toEqual([1, 2]);
    expect(embeddings.promptTokenIds({ model: "m", input: ["1"] })).toBeNull();
    expect(embeddings.withPromptText({ model: "m", input: [1, 2] }, "hi")).toEqual({ model: "m", input: "hi" });
    expect(embeddings.countAnswers({ model: "m", input: ["a", "b"] })).toBe(1);
  });

  it("refuses what it cannot do", () => {
    expect(embeddings.findUnsupported({ model: "m", input: "x", dimensions: 64 }, { id: "t" })).toMatchObject({ param: "dimensions" });
    expect(embeddings.findUnsupported({ model: "m", input: "x", stream: true }, { id: "t" })).toMatchObject({ param: "stream" });
    expect(embeddings.requestSchema.safeParse({ model: "m", input: [] }).success).toBe(false);
    expect(embeddings.requestSchema.safeParse({ model: "m", input: ["a", ""] }).success).toBe(false);
    expect(embeddings.requestSchema.safeParse({ model: "m", input: new Array(257).fill("a") }).success).toBe(false);
  });
});
