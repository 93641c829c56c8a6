import type { ReferenceModelSettings } from "@vision/checking";

/** What answers are judged by: the embedded models, a GGUF file, or a model at a vLLM server. */
export type ReferenceChoice =
  | { readonly kind: "embedded" }
  | Pick<Extract<ReferenceModelSettings, { kind: "gguf" }>, "kind" | "path">
  | Pick<Extract<ReferenceModelSettings, { kind: "vllm" }>, "kind" | "url">;

/** The choice that `embedded`, `gguf:PATH` or `vllm:URL` means; null for anything else. */
export function safeParseReference(text: string): ReferenceChoice | null {
  if (text === "embedded") return { kind: "embedded" };
  const path = /^gguf:(.+)$/.exec(text)?.[1];
  if (path !== undefined) return { kind: "gguf", path };
  const url = /^vllm:(https?:\/\/.+)$/.exec(text)?.[1];
  return url !== undefined && URL.canParse(url) ? { kind: "vllm", url } : null;
}
