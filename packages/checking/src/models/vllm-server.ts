import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { anySignal, VisionError } from "@vision/protocol";
import axios from "axios";
import { z } from "zod";
import type { Writing } from "../reference-model.js";

/** A vLLM server, and what it serves. */
export type VllmServerOptions = {
  /** Where its API begins, with or without the closing `/v1`. */
  readonly url: string;
  /** Name of the model, as `/v1/models` lists it. */
  readonly model: string;
  /** Sent as a bearer token. */
  readonly apiKey?: string | undefined;
  /** A request that takes longer has failed, milliseconds. */
  readonly timeoutMs: number;
};

/** What the server says of a token at its place. */
export type VllmTokenScore = { readonly logprob: number; readonly rank: number | null; readonly name: string | null };

/** The answer to a request, or that the server finds the request itself wrong. */
export type VllmResult<Value> = { readonly kind: "answered"; readonly value: Value } | VllmRefusal;

/** The server's 400: `parameter` is the field that it is about, where it says so. */
export type VllmRefusal = { readonly kind: "refused"; readonly reason: string; readonly parameter: string | null };

/** What is continued by one token. */
export type VllmContinuation = {
  readonly promptTokens: readonly number[];
  /** Likeliest tokens to list beside each token of the prompt; left out, nothing is said of the prompt. */
  readonly bestCount?: number;
  /** The only token that may come. */
  readonly nextToken?: number;
};

/** The one token that came, and by token of the prompt what the server thinks of those that could stand there; nothing of the first. */
export type VllmContinued = {
  readonly text: string;
  readonly isEnd: boolean;
  readonly promptScores: readonly (ReadonlyMap<number, VllmTokenScore> | null)[];
};

/** The requests of vLLM's API that a reference needs. All reject with `REFERENCE_UNAVAILABLE` where the server does not do its work. */
export type VllmServer = {
  /** Longest prompt plus answer of the model, tokens. */
  maxModelTokens(signal: AbortSignal): Promise<number>;
  /** A text without anything around it, or as a prompt; or a conversation with the beginning of its answer. */
  tokenize(input: VllmTokenized, signal: AbortSignal): Promise<VllmResult<readonly number[]>>;
  /** What tokens say, special ones by their names. */
  detokenize(tokens: readonly number[], signal: AbortSignal): Promise<string>;
  /** One more token after a prompt. */
  continue(continuation: VllmContinuation, signal: AbortSignal): Promise<VllmResult<VllmContinued>>;
  /** Goes on from a prompt until the model ends, or for so many tokens. */
  write(writing: Writing, signal: AbortSignal): Promise<VllmResult<{ readonly text: string; readonly isEnded: boolean }>>;
  close(): void;
};

export type VllmTokenized =
  | { readonly kind: "text" | "prompt"; readonly text: string }
  | {
      readonly kind: "chat";
      readonly messages: readonly { readonly role: string; readonly content: string }[];
      /** What stands behind the last message: its end, that and the header of an answer, or nothing, because it is the answer's beginning. */
      readonly end: "closed" | "header" | "begun";
    };

const listSchema = z.looseObject({ data: z.array(z.looseObject({ id: z.string(), max_model_len: z.int().positive().nullish() })) });
const tokensSchema = z.looseObject({ tokens: z.array(z.int().nonnegative()) });
const textSchema = z.looseObject({ prompt: z.string() });
const scoreSchema = z.looseObject({ logprob: z.number(), rank: z.int().positive().nullish(), decoded_token: z.string().nullish() });
const continuedSchema = z.looseObject({
  choices: z.tuple([
    z.looseObject({
      text: z.string(),
      finish_reason: z.string().nullish(),
      prompt_logprobs: z.array(z.record(z.string().regex(/^\d{1,9}$/), scoreSchema).nullable()).nullish(),
    }),
  ]),
});
const refusalSchema = z.looseObject({ error: z.looseObject({ message: z.string(), param: z.string().nullish() }) });

/** Most that any answer beside scores may hold. */
const PLAIN_BYTES = 16 * 1024 * 1024;

/** A listed token with its logprob, rank and name: about 75 bytes; the longest names of usual vocabularies are 512. */
const SCORE_BYTES = 1024;

const SHOWN_CHARACTERS = 200;

/** Half of a surrogate pair is no text, and makes the server's tokenizer fail; engines read U+FFFD for it. */
const wellFormed = (_key: string, value: unknown) => (typeof value === "string" ? Buffer.from(value).toString() : value);

/**
 * Client of a vLLM server. Redirects and proxies are off: the server is the operator's own.
 */
export function createVllmServer({ url, model, apiKey, timeoutMs }: VllmServerOptions): VllmServer {
  const base = new URL(url);
  const baseUrl = `${base.origin}${base.pathname.replace(/\/+$/, "").replace(/\/v1$/, "")}`;
  const agents = { httpAgent: new HttpAgent({ keepAlive: true }), httpsAgent: new HttpsAgent({ keepAlive: true }) };
  const http = axios.create({
    baseURL: baseUrl,
    adapter: "http",
    proxy: false,
    maxRedirects: 0,
    responseType: "text",
    validateStatus: () => true,
    transformResponse: [(data: unknown) => data],
    headers: { accept: "application/json", ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }) },
    ...agents,
  });

  const failed = (what: string, cause?: unknown) =>
    new VisionError({
      code: "REFERENCE_UNAVAILABLE",
      message: `The vLLM server ${baseUrl} ${what}.`,
      facts: { url: baseUrl, model },
      cause,
    });

  async function send(path: string, { body, maxBytes = PLAIN_BYTES, signal }: SendOptions): Promise<{ status: number; json: unknown }> {
    signal.throwIfAborted();
    const over = new AbortController();
    const response = await http
      .request<string>({
        url: path,
        method: body === undefined ? "GET" : "POST",
        ...(body === undefined ? {} : { data: JSON.stringify(body, wellFormed), headers: { "content-type": "application/json" } }),
        maxContentLength: maxBytes,
        signal: anySignal([signal, over.signal, AbortSignal.timeout(timeoutMs)]),
      })
      .catch((error: unknown) => {
        signal.throwIfAborted();
        const isLate = axios.isCancel(error);
        throw failed(isLate ? `took longer than ${timeoutMs} ms` : `does not answer: ${reasonOf(error)}`, error);
      })
      .finally(() => over.abort());
    const json = parseJson(response.data);
    if (json === undefined && response.status === 200) throw failed(`answers ${path} with what is no JSON; is it vLLM?`);
    return { status: response.status, json };
  }

  async function ask<Value>(path: string, schema: z.ZodType<Value>, options: SendOptions): Promise<VllmResult<Value>> {
    const { status, json } = await send(path, options);
    if (status === 200) {
      const parsed = schema.safeParse(json);
      if (parsed.success) return { kind: "answered", value: parsed.data };
      const [issue] = parsed.error.issues;
      throw failed(`answers ${path} in a shape that is not vLLM's: ${issue?.path.join(".")}: ${issue?.message}`);
    }
    const refusal = refusalSchema.safeParse(json);
    const said = refusal.success ? refusal.data.error.message.slice(0, SHOWN_CHARACTERS) : "";
    if (status === 400 && refusal.success) return { kind: "refused", reason: said, parameter: refusal.data.error.param ?? null };
    if (status === 401 || status === 403)
      throw failed(`does not accept the key (${status}); give the one that it was started with as apiKey`);
    throw failed(`answers ${path} with ${status}${said === "" ? "" : `: ${said}`}`);
  }

  return {
    async maxModelTokens(signal) {
      const list = await ask("/v1/models", listSchema, { signal });
      if (list.kind === "refused") throw failed(`refuses to list its models: ${list.reason}`);
      const found = list.value.data.find(({ id }) => id === model);
      if (found === undefined) {
        const served = list.value.data.map(({ id }) => id.slice(0, SHOWN_CHARACTERS)).slice(0, 8);
        throw failed(`does not serve ${model}; it serves ${served.join(", ") || "nothing"}`);
      }
      if (typeof found.max_model_len !== "number") throw failed(`does not say how long the context of ${model} is; is it vLLM?`);
      return found.max_model_len;
    },

    async tokenize(input, signal) {
      const asked =
        input.kind === "chat"
          ? {
              messages: input.messages,
              add_generation_prompt: input.end === "header",
              continue_final_message: input.end === "begun",
            }
          : { prompt: input.text, add_special_tokens: input.kind === "prompt" };
      const result = await ask("/tokenize", tokensSchema, { body: { model, ...asked }, signal });
      return result.kind === "refused" ? result : { kind: "answered", value: result.value.tokens };
    },

    async detokenize(tokens, signal) {
      const result = await ask("/detokenize", textSchema, { body: { model, tokens }, signal });
      if (result.kind === "refused") throw failed(`cannot say what tokens say: ${result.reason}`);
      return result.value.prompt;
    },

    async continue({ promptTokens, bestCount, nextToken }, signal) {
      const scoreCount = bestCount === undefined ? 0 : promptTokens.length * (bestCount + 1);
      const result = await ask("/v1/completions", continuedSchema, {
        body: {
          ...{ model, prompt: promptTokens, max_tokens: 1, temperature: 0 },
          ...(bestCount === undefined ? {} : { prompt_logprobs: bestCount }),
          ...(nextToken === undefined ? {} : { allowed_token_ids: [nextToken] }),
        },
        maxBytes: PLAIN_BYTES + scoreCount * SCORE_BYTES,
        signal,
      });
      if (result.kind === "refused") return result;
      const [{ text, finish_reason: finishReason, prompt_logprobs: scores }] = result.value.choices;
      const promptScores = (scores ?? []).map((listed) => (listed === null ? null : readScores(listed)));
      return { kind: "answered", value: { text, isEnd: finishReason === "stop", promptScores } };
    },

    async write({ promptTokens, maxTokens, temperature, seed }, signal) {
      const body = { model, prompt: promptTokens, max_tokens: maxTokens, temperature, seed };
      const result = await ask("/v1/completions", continuedSchema, { body, signal });
      if (result.kind === "refused") return result;
      const [{ text, finish_reason: finishReason }] = result.value.choices;
      return { kind: "answered", value: { text, isEnded: finishReason === "stop" } };
    },

    close() {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

type SendOptions = { readonly body?: unknown; readonly maxBytes?: number; readonly signal: AbortSignal };

function readScores(listed: Readonly<Record<string, z.output<typeof scoreSchema>>>): ReadonlyMap<number, VllmTokenScore> {
  return new Map(
    Object.entries(listed).map(([id, { logprob, rank, decoded_token: name }]) => [
      Number(id),
      { logprob, rank: rank ?? null, name: name ?? null },
    ]),
  );
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { readonly code?: unknown };
  return error.message === "" ? String(code ?? error.name) : error.message;
}
