import { z } from "zod";
import type { BlockRef } from "../port.js";
import type { Runtime } from "./runtime.js";

const headerSchema = z.looseObject({ number: z.string().regex(/^0x[0-9a-f]+$/i) });

/** Number of a block from its header in JSON form. */
export function numberOfHeader(json: unknown): number {
  return Number(headerSchema.parse(json).number);
}

/** Block of a header in JSON form; its hash is computed, not asked for. */
export function blockOfHeader(runtime: Runtime, json: unknown): BlockRef {
  const header = headerSchema.parse(json);
  return { number: Number(header.number), hash: runtime.registry.createTypeUnsafe("Header", [header]).hash.toHex() };
}
