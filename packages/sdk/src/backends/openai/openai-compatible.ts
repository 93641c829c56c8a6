import { anySignal, type FamilyName, protocolLimits } from "@vision/protocol";
import { type Dispatcher, Pool } from "undici";
import { z } from "zod";
import { parseJsonBytes } from "../../runtime/parse-json.js";
import { parseOptions } from "../../runtime/parse-options.js";
import {
  BACKEND_SPECIFICATION_VERSION,
  type BackendCall,
  BackendError,
  type BackendPart,
  type InferenceBackend,
} from "../inference-backend.js";
import { throwIfCancelled } from "../next-turn.js";
import { isTextFamily } from "../text/text-format.js";
import { encodeBody } from "./encode-body.js";
import { findContexts } from "./find-contexts.js";
import { type Engine, engineFields, findEngine } from "./find-engine.js";
import { findMissingModel } from "./find-model.js";
import { normaliseAnswer } from "./normalise-answer.js";
import { readBounded, readEvents } from "./read-answer.js";
import { refusalOf } from "./refusal.js";

/** Options of {@link openaiCompatible}. */
export type OpenaiCompatibleOptions = {
  /** Where the server's API begins, with or without the closing `/v1`: `http://127.0.0.1:8000/v1`. */
  readonly baseUrl: string;
  /** Sent as a bearer token. */
  readonly apiKey?: string;
  /** Further headers for every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The server's own name for the model, when it is not the task's. */
  readonly model?: string;
  /** A request that takes longer has failed, milliseconds. The miner's limits, by the length that was asked for, hold in any case. */
  readonly timeoutMs?: number;
};

/** Parser of {@link OpenaiCompatibleOptions}. */
export const openaiCompatibleOptionsSchema = z.strictObject({
  baseUrl: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }),
  apiKey: z.string().min(1).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  model: z.string().min(1).optional(),
  timeoutMs: z.number().positive().optional(),
});

/** Statuses of servers, such as those of images, that do not list their models. */
const LISTLESS: ReadonlySet<number> = new Set([404, 405, 501]);

/**
 * Backend in front of any server that speaks OpenAI's API: vLLM, Ollama, llama.cpp's server, SGLang, TGI, LocalAI.
 *
 * Streams pass through event by event as the server sends them. A request that asks for no logprobs is given `logprobs`. The server's 429
 * and 503 become `busy`, with its Retry-After; its 400, 413 and 422 become `invalid` with its reason. An aborted request is cancelled at
 * the server. Answers larger than the protocol allows fail. What servers write otherwise than the protocol has it is put right: an ending
 * token with its name for its bytes, a completion's logprobs in chat's shape. Requests with a picture go as a form with a file, as OpenAI's
 * own API takes them.
 *
 * Where the miner traces requests, the server is told the `traceparent`: vLLM and others add their own spans to it.
 *
 * The first health check finds out which engine it is, and text requests then ask it for what it can give: token ids of vLLM, and of vLLM
 * and SGLang sampling without the defaults of the model's file. It also tells the length of the context where the server says it. How its
 * engine draws is for the miner's `sampler` setting to say.
 *
 * @throws VisionError `SDK_INVALID_OPTIONS` naming every mistake in the options at once.
 *
 * @example
 * ```ts
 * const backend = openaiCompatible({ baseUrl: "http://127.0.0.1:11434/v1", model: "llama3.1:8b" }); // Ollama
 * ```
 */
export function openaiCompatible(options: OpenaiCompatibleOptions): InferenceBackend {
  parseOptions("openaiCompatible", openaiCompatibleOptionsSchema, options);
  const { url, pathPrefix } = splitBaseUrl(options.baseUrl);
  // Bounded by the miner's concurrency, not here: a queue in front of the server would only hide that it is full.
  const pool = new Pool(url.origin, { connections: null, keepAliveTimeout: 30_000 });
  const headers = {
    accept: "application/json, text/event-stream",
    ...options.headers,
    ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
  };

  /** Known after the first health check. */
  let engine: Engine | null = null;
  let contexts: ReadonlyMap<string, number> = new Map();

  return {
    specificationVersion: BACKEND_SPECIFICATION_VERSION,
    name: "openai-compatible",

    async *run(call) {
      throwIfCancelled(call.signal);
      const { timeoutMs } = options;
      const signal = timeoutMs === undefined ? call.signal : anySignal([call.signal, AbortSignal.timeout(timeoutMs)]);
      let body: Dispatcher.ResponseData["body"] | undefined;
      try {
        const encoded = encodeBody(outgoingRequest(call, { model: options.model, engine }), call.family.fileFields);
        const response = await pool.request({
          method: "POST",
          path: `${pathPrefix}${call.family.path}`,
          headers: { ...headers, ...encoded.headers, ...(call.traceparent === undefined ? {} : { traceparent: call.traceparent }) },
          body: encoded.body,
          signal,
          // How long a server may be silent depends on what was asked of it; whoever calls knows, and aborts.
          headersTimeout: 0,
          bodyTimeout: 0,
        });
        body = response.body;
        if (response.statusCode !== 200) throw await refusalOf(response);
        for await (const part of call.isStream ? readEvents(response) : wholeBody(response)) yield normalisePart(call.familyName, part);
      } catch (error) {
        throwIfCancelled(call.signal);
        if (BackendError.isInstance(error)) throw error;
        if (signal.aborted) throw new BackendError({ code: "failed", message: `The model server took longer than ${timeoutMs} ms.` });
        throw new BackendError({ code: "failed", message: `The model server does not answer: ${reasonOf(error)}`, cause: error });
      } finally {
        // Closes the connection when the answer was not read to its end, which tells the server to stop.
        body?.on("error", () => undefined).destroy();
      }
    },

    async checkHealth({ signal, models = [] }) {
      try {
        const response = await pool.request({ method: "GET", path: `${pathPrefix}/v1/models`, headers, signal });
        const body = await readBounded(response.body, protocolLimits.responseBytes);
        // A server that has no such list is there all the same.
        if (LISTLESS.has(response.statusCode)) return { isHealthy: true };
        if (response.statusCode !== 200) return { isHealthy: false, detail: `GET ${pathPrefix}/v1/models answers ${response.statusCode}` };
        const list = safeJson(body);
        engine = findEngine(list);
        contexts = findContexts(list);
        const missing = findMissingModel(list, options.model === undefined ? models : [options.model]);
        if (missing !== null) return { isHealthy: false, detail: missing };
        return engine === null ? { isHealthy: true } : { isHealthy: true, detail: `it is ${engine}` };
      } catch (error) {
        return { isHealthy: false, detail: reasonOf(error) };
      }
    },

    contextTokens: (model) => contexts.get(options.model ?? model) ?? null,

    close: () => pool.destroy(),
  };
}

function splitBaseUrl(baseUrl: string): { readonly url: URL; readonly pathPrefix: string } {
  const url = new URL(baseUrl);
  return { url, pathPrefix: url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "") };
}

type OutgoingOptions = { readonly model: string | undefined; readonly engine: Engine | null };

function outgoingRequest(call: BackendCall, { model, engine }: OutgoingOptions): Readonly<Record<string, unknown>> {
  const request = call.family.withLogprobs(call.request);
  const named = Object.entries(request).filter(([, value]) => value !== null && value !== undefined);
  return {
    ...(isTextFamily(call.familyName) ? engineFields(engine) : {}),
    ...Object.fromEntries(named),
    ...(model === undefined ? {} : { model }),
    ...(call.family.isStreamable ? { stream: call.isStream } : {}),
  };
}

function normalisePart(family: FamilyName, part: BackendPart): BackendPart {
  return part.kind === "event"
    ? { kind: "event", data: normaliseAnswer(family, part.data) }
    : { kind: "body", body: normaliseAnswer(family, part.body) };
}

async function* wholeBody(response: Dispatcher.ResponseData): AsyncGenerator<BackendPart, void> {
  const body = new TextDecoder("utf-8", { fatal: true }).decode(await readBounded(response.body, protocolLimits.responseBytes));
  const parsed = z.looseObject({ error: z.unknown().optional() }).safeParse(JSON.parse(body));
  if (!parsed.success) throw new BackendError({ code: "failed", message: "The model server's answer is not a JSON object." });
  if (parsed.data.error !== undefined && parsed.data.error !== null) {
    throw new BackendError({ code: "failed", message: "The model server sent an error with status 200." });
  }
  yield { kind: "body", body };
}

/** What the text says; `undefined` when it is no JSON, which is no reason to call a server ill. */
function safeJson(bytes: Uint8Array): unknown {
  const parsed = parseJsonBytes(bytes);
  return parsed.ok ? parsed.value : undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
