import { z } from "zod";
import type { Runtime } from "../runtime/runtime.js";

const moduleSchema = z.object({ module: z.object({ index: z.number(), error: z.string() }) });

/** The chain's own name of a dispatch error in its JSON form: a pallet's error by name, or the variant's name for the others. */
export function dispatchErrorName(json: unknown, runtime: Runtime): string {
  const parsed = moduleSchema.safeParse(json);
  if (parsed.success) {
    const { index, error } = parsed.data.module;
    return runtime.errorName(index, Buffer.from(error.replace(/^0x/, ""), "hex")[0] ?? 0)?.name ?? `Module${index}Error${error}`;
  }
  if (typeof json === "string") return json;
  if (typeof json !== "object" || json === null) return "Unknown";
  const [variant, detail] = Object.entries(json)[0] ?? ["Unknown", null];
  const name = variant.charAt(0).toUpperCase() + variant.slice(1);
  return typeof detail === "string" ? detail : name;
}
