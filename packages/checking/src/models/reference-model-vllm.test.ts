import { getEventListeners } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createRegistry, getFamily } from "@vision/protocol";
import { createBackendCall, type InferenceBackend, tiny } from "@vision/sdk/backends";
import { z } from "zod";
import { type FakeVllm, startFakeVllm } from "../testing/fake-vllm.js";
import { describeReferenceModel } from "../testing/reference-model-contract.js";
import { checkTextRequest } from "../text/reference-text-request.js";
import { createVllmModel } from "./reference-model-vllm.js";

const signal = new AbortController().signal;
const settings = { model: "tiny", timeoutMs: 30_000, bestCount: 20 };

let fake: FakeVllm;
beforeAll(async () => {
  fake = await startFakeVllm({ model: "tiny", contextTokens: 513, maxLogprobs: 20 });
});
afterAll(() => fake.close());

const open = (changes: Partial<Parameters<typeof createVllmModel>[0]> = {}) => createVllmModel({ ...settings, url: fake.url, ...changes });
const json = (status: number, body: unknown) => (response: ServerResponse) =>
  response.writeHead(status, { "content-type": "application/json" }).end(typeof body === "string" ? body : JSON.stringify(body));

describeReferenceModel("a model at a vLLM server", async () => open());

// Runs where VLLM_URL names a server: `vllm serve FOLDER --served-model-name tiny --max-model-len 513`, FOLDER with the embedded model.
const url = process.env["VLLM_URL"];
if (url !== undefined) {
  describeReferenceModel("a model at the vLLM server of VLLM_URL", async () => open({ url }));
} else {
  describe.skip("a model at a real vLLM server (VLLM_URL does not name one that serves tiny-lm-q8_0 as tiny)", () => {
    it.todo("answers as any reference model");
  });
}

const exchangeSchema = z.object({
  name: z.string(),
  request: z.object({ body: z.unknown().optional() }),
  response: z.object({ status: z.int(), body: z.string() }),
});
const file = new URL("../../../protocol/test/fixtures/vllm-0.32.transcripts.json", import.meta.url);
const { exchanges } = z.object({ exchanges: z.array(z.looseObject({ name: z.string() })) }).parse(JSON.parse(readFileSync(file, "utf8")));

/** One exchange of a real server. */
const recorded = (wanted: string) => exchangeSchema.parse(exchanges.find(({ name }) => name === wanted));

describe("createVllmModel", () => {
  it("reads a recorded answer of vLLM 0.32: ranks from 0, the best in order, the returned token where it belongs", async () => {
    const { request, response } = recorded("teacher forcing by token ids");
    const { prompt } = z.object({ prompt: z.array(z.int()) }).parse(request.body);
    const model = open({ bestCount: 5 });
    await model.facts(signal);
    fake.respond("/v1/completions", json(response.status, response.body));
    const scored = await model.score({ promptTokens: prompt.slice(0, 1), outputTokens: prompt.slice(1) }, signal);
    fake.respond("/v1/completions", null);
    if (scored.kind !== "scored") throw new Error(scored.reason);
    expect(scored.positions.map(({ tokenId }) => tokenId)).toEqual(prompt.slice(1));
    const [capital, of, italy] = scored.positions;
    // Recorded: rank 3121 beside five better; rank 1; rank 20 beside five better.
    expect(capital).toMatchObject({ rank: 3120, logprob: -11.70806884765625, bestIds: [29, 28, 198, 79, 284] });
    expect(of).toMatchObject({ rank: 0, logprob: -0.33559009432792664, bestIds: [282, 2240, 1005, 314, 1847] });
    expect(italy).toMatchObject({ rank: 19, bestIds: [260, 4649, 7476, 4754, 4617] });
    await model.close();
  });

  it("judges an honest answer right, and another model's and another seed's wrong, by twenty of the likeliest tokens", async () => {
    const task = createRegistry().get("chat-tiny");
    if (task === undefined) throw new Error("no task chat-tiny");
    const family = getFamily(task.family);
    const messages = [{ role: "user", content: "Tell me a story about a cat and a dog." }];
    const draft = { model: task.model, messages, max_tokens: 48, temperature: 0.8, seed: 7, logprobs: true };
    const request = family.normalise(family.requestSchema.parse(draft), { task, fallbackSeed: 0 });
    const answerOf = async (backend: InferenceBackend, changes: object = {}) => {
      const collector = family.createCollector(request);
      const call = createBackendCall({
        task,
        request: { ...request, ...changes, model: task.model, stream: false },
        isStream: false,
        signal,
      });
      for await (const part of backend.run(call)) if (part.kind === "body") collector.addBody(JSON.parse(part.body));
      const finished = collector.finish();
      if (!finished.ok) throw new Error(finished.reason);
      return finished.answer;
    };
    const model = open(url === undefined ? {} : { url });
    const qualityOf = async (backend: InferenceBackend, changes: object = {}) => {
      const answer = await answerOf(backend, changes);
      const verdict = await checkTextRequest({ task, request, answer, sampler: "gumbel-murmur3", signal }, model);
      return verdict.kind === "judged" ? verdict.qualityFraction : verdict;
    };
    expect(await qualityOf(tiny())).toBe(1);
    expect(await qualityOf(tiny({ model: "tiny-lm-small-q8_0" }))).toBeLessThan(0.5);
    expect(await qualityOf(tiny(), { seed: 8 })).toBeLessThan(0.5);
    await model.close();
  });

  it("says of the recorded refusal of too many logprobs what to set", async () => {
    const model = open({ bestCount: 1000 });
    await model.facts(signal);
    const { status, body } = recorded("error: prompt_logprobs above the limit").response;
    fake.respond("/v1/completions", json(status, body));
    await expect(model.score({ promptTokens: [5], outputTokens: [6] }, signal)).rejects.toMatchObject({
      code: "REFERENCE_UNAVAILABLE",
      message: expect.stringContaining("--max-logprobs 1000"),
    });
    fake.respond("/v1/completions", null);
    await model.close();
  });

  it("takes what is longer than the context for unusable, and asks nothing", async () => {
    const model = open();
    await model.facts(signal);
    const before = fake.requests.length;
    const outputTokens = Array.from({ length: 512 }, () => 6);
    expect(await model.score({ promptTokens: [5], outputTokens }, signal)).toMatchObject({ kind: "unusable" });
    expect(fake.requests).toHaveLength(before);
    expect(await model.score({ promptTokens: [5], outputTokens: outputTokens.slice(1) }, signal)).toMatchObject({ kind: "scored" });
    await model.close();
  });

  it("names the models that the server has where it has another one", async () => {
    const model = open({ model: "llama" });
    await expect(model.facts(signal)).rejects.toMatchObject({ message: expect.stringContaining("does not serve llama; it serves tiny") });
    await model.close();
  });

  it.each([
    ["is not there", json(404, recorded("error: unknown model").response.body), "404"],
    ["wants another key", json(401, { error: "Unauthorized" }), "apiKey"],
    ["breaks", json(500, "Internal Server Error"), "500"],
    ["redirects", (response: ServerResponse) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(), "302"],
    ["is a web page", json(200, "<html>"), "no JSON"],
    ["is of another kind", json(200, { tokens: ["a"] }), "shape"],
    ["hangs up", (response: ServerResponse) => response.destroy(), "does not answer"],
  ])("rejects where the server %s, and works again when that is over", async (_what, answer, said) => {
    const model = open();
    await model.facts(signal);
    fake.respond("/tokenize", answer);
    const asked = model.encode("Rome", signal);
    await expect(asked).rejects.toMatchObject({ code: "REFERENCE_UNAVAILABLE", message: expect.stringContaining(said) });
    fake.respond("/tokenize", null);
    expect(await model.encode("Rome", signal)).not.toEqual([]);
    await model.close();
  });

  it("gives up a server that says nothing after the time limit, and at once where nobody waits any more", async () => {
    const model = open();
    await model.facts(signal);
    fake.respond("/tokenize", () => undefined);
    const leaving = new AbortController();
    const asked = model.encode("Rome", leaving.signal);
    leaving.abort(new Error("nobody waits"));
    await expect(asked).rejects.toThrow("nobody waits");
    await model.close();
    const impatient = open({ timeoutMs: 200 });
    await expect(impatient.facts(signal)).rejects.toMatchObject({ message: expect.stringContaining("took longer than 200 ms") });
    await impatient.close();
    fake.respond("/tokenize", null);
  });

  it("leaves nothing behind at the signal of whoever asks, which lives as long as the program", async () => {
    const asking = new AbortController();
    const model = open();
    await model.facts(asking.signal);
    await model.encode("Rome", asking.signal);
    expect(getEventListeners(asking.signal, "abort")).toEqual([]);
    await model.close();
  });

  it("reads the model anew after a failure: the server may have come back with another one", async () => {
    const model = open();
    expect((await model.facts(signal)).contextTokens).toBe(512);
    fake.respond("/tokenize", json(503, ""));
    await model.encode("Rome", signal).catch(() => undefined);
    fake.respond("/tokenize", null);
    fake.respond("/v1/models", json(200, { data: [{ id: "tiny", max_model_len: 101 }] }));
    expect((await model.facts(signal)).contextTokens).toBe(100);
    fake.respond("/v1/models", null);
    await model.close();
  });

  it("does not take a server for broken because of a request that its template refuses, or of half a character", async () => {
    const model = open();
    await model.facts(signal);
    fake.respond("/tokenize", json(400, { error: { message: "roles must alternate", param: null } }));
    const messages = [{ role: "user", content: "Hello" }];
    expect(await model.readPrompt({ kind: "chat", messages, isContinued: false }, signal)).toEqual({
      kind: "unusable",
      reason: "roles must alternate",
    });
    fake.respond("/tokenize", null);
    const before = fake.requests.length;
    await model.readPrompt({ kind: "text", text: "half \ud83d" }, signal);
    expect(fake.requests[before]?.body).toMatchObject({ prompt: "half \uFFFD" });
    await model.close();
  });

  it("refuses a tokenizer that tidies up what it decodes: honest answers would look forged", async () => {
    fake.respond("/detokenize", json(200, { prompt: "aa. b, it's <3 Café 🍎!" }));
    const model = open();
    await expect(model.facts(signal)).rejects.toMatchObject({ message: expect.stringContaining("clean_up_tokenization_spaces") });
    fake.respond("/detokenize", null);
    await model.close();
  });

  it("sends the key as a bearer token, and asks a server with a path of its own below it", async () => {
    const requests: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      requests.push(request.url, request.headers.authorization);
      response.writeHead(500).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const model = open({ url: `http://127.0.0.1:${port}/gpu-1/v1/`, apiKey: "secret" });
    const failure: unknown = await model.facts(signal).catch((error: unknown) => error);
    expect(requests).toEqual(["/gpu-1/v1/models", "Bearer secret"]);
    expect(JSON.stringify([String(failure), failure])).not.toContain("secret");
    await model.close();
    server.close();
  });
});
