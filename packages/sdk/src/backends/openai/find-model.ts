import { z } from "zod";

const listSchema = z.looseObject({ data: z.array(z.looseObject({ id: z.string(), owned_by: z.string().nullish() })) });

/**
 * Why a server that lists these models cannot serve one of the names; `null` when it can, or when its list does not say.
 *
 * @param list - The parsed answer of `GET /v1/models`.
 */
export function findMissingModel(list: unknown, names: readonly string[]): string | null {
  const parsed = listSchema.safeParse(list);
  // llama.cpp's server has one model and answers with it whatever name is asked for.
  if (!parsed.success || parsed.data.data.some((model) => model.owned_by === "llamacpp")) return null;
  const ids = parsed.data.data.map(({ id }) => id);
  // Ollama lists `name:latest` for what is asked for as `name`.
  const missing = names.filter((name) => !ids.includes(name) && !ids.includes(`${name}:latest`));
  if (missing.length === 0) return null;
  const shown = ids.slice(0, 8).join(", ");
  return `the server does not have ${missing.join(", ")}; it has ${shown === "" ? "no models" : shown}${ids.length > 8 ? ", ..." : ""}`;
}
