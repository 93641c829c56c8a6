import { anySignal, VisionError } from "@vision/protocol";
import { z } from "zod";

/** What a model server says of one of its models. */
export type ModelServerFacts = {
  readonly engine: "vLLM" | "SGLang" | "llama.cpp" | "Ollama" | null;
  /** As the server lists it. */
  readonly model: string;
  /** Longest prompt plus answer, tokens; null where it does not say. */
  readonly contextTokens: number | null;
};

/** Where the server is, and which of its models is meant where it has several. */
export type ModelServerPlace = { readonly url: string; readonly model?: string | undefined; readonly apiKey?: string | undefined };

const listSchema = z.looseObject({
  data: z
    .array(
      z.looseObject({
        id: z.string().min(1).max(256),
        owned_by: z.string().nullish().catch(null),
        max_model_len: z.int().positive().nullish().catch(null),
      }),
    )
    .min(1),
});
const propsSchema = z.looseObject({ default_generation_settings: z.looseObject({ n_ctx: z.int().positive() }) });
const showSchema = z.looseObject({ model_info: z.record(z.string(), z.unknown()) });

const engines: Readonly<Record<string, ModelServerFacts["engine"]>> = {
  vllm: "vLLM",
  sglang: "SGLang",
  llamacpp: "llama.cpp",
  library: "Ollama",
};

const TIME_LIMIT_MS = 10_000;
const MAX_SHOWN = 8;

/** Where a server's API begins, without the closing `/v1`. */
function rootOf(url: string): string {
  return url.replace(/\/+$/, "").replace(/\/v1$/, "");
}

/**
 * Asks a model server which engine it is, what its model is called and how long its context is: `/v1/models` of all, `/props` of llama.cpp,
 * `/api/show` of Ollama.
 *
 * @throws VisionError `REFERENCE_UNAVAILABLE` where it does not answer so, `CONFIG_INVALID` where it does not have the model, or has several.
 */
export async function readModelServer({ url, model, apiKey }: ModelServerPlace, signal: AbortSignal): Promise<ModelServerFacts> {
  const root = rootOf(url);

  async function ask<Value>(path: string, schema: z.ZodType<Value>, body?: unknown): Promise<Value> {
    const failed = (what: string, cause?: unknown) =>
      new VisionError({
        code: "REFERENCE_UNAVAILABLE",
        message: `${root}${path} ${what}.`,
        hint: "Is it the address of a model server's API, such as http://127.0.0.1:8000/v1?",
        cause,
      });
    const response = await fetch(`${root}${path}`, {
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      redirect: "error",
      signal: anySignal([signal, AbortSignal.timeout(TIME_LIMIT_MS)]),
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw failed("does not answer", error);
    });
    const json: unknown = await response.json().catch(() => null);
    if (response.status === 401 || response.status === 403) throw failed("wants a key; give --api-key");
    const parsed = response.ok ? schema.safeParse(json) : null;
    if (parsed?.success !== true) throw failed(`answers ${response.status} in a shape that no known engine has`);
    return parsed.data;
  }

  const { data } = await ask("/v1/models", listSchema);
  const ids = data.map(({ id }) => id);
  const wanted = model ?? (ids.length === 1 ? ids[0] : undefined);
  const found = data.find(({ id }) => id === wanted || id === `${wanted}:latest`);
  if (found === undefined) {
    const what = model === undefined ? "has several models; give --model" : `does not have ${model}`;
    const shown = `${ids.slice(0, MAX_SHOWN).join(", ")}${ids.length > MAX_SHOWN ? ", ..." : ""}`;
    throw new VisionError({ code: "CONFIG_INVALID", message: `The server ${root} ${what}: it has ${shown}.` });
  }
  const engine = engines[found.owned_by ?? ""] ?? null;
  const facts = { engine, model: found.id, contextTokens: found.max_model_len ?? null };
  if (engine === "llama.cpp") {
    const props = await ask("/props", propsSchema);
    return { ...facts, contextTokens: props.default_generation_settings.n_ctx };
  }
  if (engine === "Ollama") {
    const { model_info: info } = await ask("/api/show", showSchema, { model: found.id });
    const length = Object.entries(info).find(([name]) => name.endsWith(".context_length"))?.[1];
    return { ...facts, contextTokens: typeof length === "number" && Number.isInteger(length) ? length : null };
  }
  return facts;
}
