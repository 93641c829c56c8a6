import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { loadLanguageModel, type TinyModelName } from "@vision/tiny";
import { z } from "zod";

/** A vLLM server's answers around the embedded language model. */
export type FakeVllm = {
  readonly url: string;
  /** Requests that came, `METHOD path`. */
  readonly requests: readonly { readonly line: string; readonly authorization: string | undefined; readonly body: unknown }[];
  /** Answers requests of a path from now on; null again as before. */
  respond(path: string, answer: ((response: ServerResponse) => void) | null): void;
  /** Scores by other weights from now on; null again by its own. */
  pretend(what: TinyModelName | null): Promise<void>;
  close(): Promise<void>;
};

const chatSchema = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  add_generation_prompt: z.boolean(),
  continue_final_message: z.boolean(),
});
const promptSchema = z.object({ model: z.string(), prompt: z.string(), add_special_tokens: z.boolean() });
const detokenizeSchema = z.object({ model: z.string(), tokens: z.array(z.int()) });
const completionSchema = z.object({
  model: z.string(),
  prompt: z.array(z.int()),
  max_tokens: z.int(),
  temperature: z.number(),
  seed: z.int().optional(),
  prompt_logprobs: z.int().optional(),
  allowed_token_ids: z.tuple([z.int()]).optional(),
});

class Refusal extends Error {
  readonly parameter: string | null;
  readonly status: number;
  constructor(message: string, parameter: string | null, status = 400) {
    super(message);
    this.parameter = parameter;
    this.status = status;
  }
}

/**
 * Shapes, refusals and ranks are those that a real vLLM 0.32 was recorded with; what it says is said by the embedded language model.
 *
 * @param options - `contextTokens` is the server's longest prompt plus answer.
 */
export async function startFakeVllm(options: {
  readonly model: string;
  readonly contextTokens: number;
  readonly maxLogprobs: number;
}): Promise<FakeVllm> {
  const { model, contextTokens, maxLogprobs } = options;
  const tiny = await loadLanguageModel("tiny-lm-q8_0");
  const { tokenizer } = tiny;
  let scoring = tiny;
  const names = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
  const nameOf = new Map(names.map((name) => [tokenizer.specialTokenId(name), name]));

  const decode = (ids: readonly number[]) => {
    const bytes = ids.flatMap((id) => [...(nameOf.has(id) ? Buffer.from(nameOf.get(id) ?? "") : tokenizer.tokenBytes(id))]);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  };

  function chat({ messages, add_generation_prompt: isOpen, continue_final_message: isContinued }: z.output<typeof chatSchema>) {
    if (isOpen && isContinued) throw new Refusal("Cannot set both continue_final_message and add_generation_prompt", null);
    const open = tiny.chatPrompt(messages, { isContinued });
    if (isContinued) return open;
    return isOpen ? open : open.slice(0, -tokenizer.encodeWithSpecialTokens("<|im_start|>assistant\n").length);
  }

  function complete(body: z.output<typeof completionSchema>) {
    const { prompt, max_tokens: maxTokens, temperature, seed, prompt_logprobs: listed, allowed_token_ids: allowed } = body;
    const largest = Math.max(...prompt);
    if (largest >= tokenizer.vocabularySize) throw new Refusal(`Token id ${largest} is out of vocabulary`, null);
    if (prompt.length + maxTokens > contextTokens) {
      throw new Refusal(
        `This model's maximum context length is ${contextTokens} tokens. However, you requested ${maxTokens} output tokens and your prompt contains ${prompt.length} input tokens. (parameter=input_tokens, value=${prompt.length})`,
        "input_tokens",
      );
    }
    if (listed !== undefined && listed > maxLogprobs) {
      throw new Refusal(
        `Requested prompt logprobs of ${listed}, which is greater than max allowed: ${maxLogprobs} (parameter=prompt_logprobs, value=${listed})`,
        "prompt_logprobs",
      );
    }
    if (seed !== undefined) {
      const written = [...tiny.generate({ promptTokens: prompt, maxTokens, temperature, seed })];
      const isEnd = written.at(-1)?.isEnd === true;
      const text = decode(written.filter((token) => !token.isEnd).map(({ tokenId }) => tokenId));
      const choice = { index: 0, text, logprobs: null, finish_reason: isEnd ? "stop" : "length", stop_reason: null, token_ids: null };
      return { ...{ id: "cmpl-1", object: "text_completion", created: 1, model }, choices: [choice] };
    }
    // Whoever asks for one token does not ask what comes by itself, and the model has no room for it behind a full context.
    const next = allowed?.[0] ?? 0;
    const isEnd = nameOf.get(next)?.includes("end") === true;
    const text = nameOf.has(next) ? "" : decode([next]);
    const choice = { index: 0, text, logprobs: null, finish_reason: isEnd ? "stop" : "length", stop_reason: null, token_ids: null };
    return {
      ...{ id: "cmpl-1", object: "text_completion", created: 1, model },
      choices: [{ ...choice, prompt_logprobs: listed === undefined ? null : promptLogprobs(prompt, listed), prompt_token_ids: null }],
    };
  }

  function promptLogprobs(prompt: readonly number[], count: number) {
    const scores = scoring.score({ promptTokens: prompt.slice(0, 1), outputTokens: prompt.slice(1) });
    return [
      null,
      ...scores.map(({ tokenId, logprob, rank, bestIds, bestLogprobs }) => {
        const own = [tokenId, { logprob, rank: rank + 1, decoded_token: decode([tokenId]) }] as const;
        const best = Array.from({ length: Math.min(count, bestIds.length) }, (_, place) => {
          const id = bestIds[place] ?? 0;
          return [id, { logprob: bestLogprobs[place] ?? 0, rank: place + 1, decoded_token: decode([id]) }] as const;
        });
        return Object.fromEntries([own, ...best.filter(([id]) => id !== tokenId)]);
      }),
    ];
  }

  function answer(path: string, body: unknown): unknown {
    const named = z.looseObject({ model: z.string() }).safeParse(body);
    if (named.success && named.data.model !== model) {
      throw new Refusal(`The model \`${named.data.model}\` does not exist. Valid aliases: ${model}.`, "model", 404);
    }
    if (path === "/v1/models")
      return { object: "list", data: [{ id: model, object: "model", owned_by: "vllm", max_model_len: contextTokens }] };
    if (path === "/tokenize") {
      const asked = z.union([chatSchema, promptSchema]).parse(body);
      const tokens = "messages" in asked ? chat(asked) : tokenizer.encodeWithSpecialTokens(asked.prompt);
      return { count: tokens.length, max_model_len: contextTokens, tokens, token_strs: null };
    }
    if (path === "/detokenize") return { prompt: decode(detokenizeSchema.parse(body).tokens) };
    if (path === "/v1/completions") return complete(completionSchema.parse(body));
    throw new Refusal("Not Found", null, 404);
  }

  const replaced = new Map<string, (response: ServerResponse) => void>();
  const requests: { line: string; authorization: string | undefined; body: unknown }[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = request.url ?? "";
    const text = Buffer.concat(chunks).toString();
    const body: unknown = text === "" ? null : JSON.parse(text);
    requests.push({ line: `${request.method} ${path}`, authorization: request.headers.authorization, body });
    const other = replaced.get(path);
    if (other !== undefined) return other(response);
    const reply = (status: number, json: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
    try {
      reply(200, answer(path, body));
    } catch (error) {
      const { message, parameter, status } = error instanceof Refusal ? error : new Refusal(String(error), null, 500);
      reply(status, { error: { message, type: "BadRequestError", param: parameter, code: status } });
    }
  }

  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async pretend(what) {
      scoring = what === null ? tiny : await loadLanguageModel(what);
    },
    respond: (path, other) => (other === null ? replaced.delete(path) : replaced.set(path, other)),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
