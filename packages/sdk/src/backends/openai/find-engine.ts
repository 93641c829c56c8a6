import { z } from "zod";

/** Model servers that are told apart, because they can be asked for different things. */
export type Engine = "vLLM" | "SGLang" | "llama.cpp" | "Ollama" | "TGI";

const listSchema = z.looseObject({ data: z.array(z.looseObject({ id: z.string(), owned_by: z.string().nullish() })).min(1) });

const engineByOwner: Readonly<Record<string, Engine>> = { vllm: "vLLM", sglang: "SGLang", llamacpp: "llama.cpp", library: "Ollama" };

/**
 * Which engine a server is, by whom it says its models are owned; `null` for any other.
 *
 * @param list - The parsed answer of `GET /v1/models`.
 */
export function findEngine(list: unknown): Engine | null {
  const parsed = listSchema.safeParse(list);
  if (!parsed.success) return null;
  const [model] = parsed.data.data;
  const owner = model?.owned_by ?? "";
  // TGI has a model own itself.
  return engineByOwner[owner] ?? (owner !== "" && owner === model?.id ? "TGI" : null);
}

/** What leaves a distribution as it is. vLLM and SGLang take what a request leaves out from the model's own file, which validators do not know. */
const neutral = { top_p: 1, top_k: -1, min_p: 0, repetition_penalty: 1 } as const;

/** What a text request asks an engine for beside what it says: token ids, and sampling that is all named. What it says comes first. */
export function engineFields(engine: Engine | null): Readonly<Record<string, unknown>> {
  switch (engine) {
    case "vLLM":
      return { ...neutral, return_token_ids: true };
    case "SGLang":
      return neutral;
    // llama.cpp's server lists ids by itself; the others have none.
    case "llama.cpp":
    case "Ollama":
    case "TGI":
    case null:
      return {};
  }
}
