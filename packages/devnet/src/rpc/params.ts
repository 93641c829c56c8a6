import { decodeAddress } from "@polkadot/util-crypto";
import { z } from "zod";
import { fromHex, toHex } from "../scale/hex.js";
import { RpcError, rpcCodes } from "./json-rpc.js";

/** Hex of whole bytes, given with or without `0x` (Substrate takes both, and Python's client sends runtime arguments bare), as lower case with it. */
export const hexParam = z
  .string()
  .regex(/^(?:0x)?(?:[0-9a-fA-F]{2})*$/)
  .transform((text) => `0x${text.replace(/^0x/, "").toLowerCase()}`);

/** Hex as bytes. */
export const bytesParam = hexParam.transform((text) => fromHex(text));

/** A storage key or prefix as bare lower-case hex. */
export const keyParam = hexParam.transform((text) => text.slice(2));

/** A block hash; left out or `null` for the newest block. */
export const blockParam = hexParam.nullish().transform((hash) => hash ?? null);

/** A block number as a number or as hex. */
export const blockNumberParam = z.union([
  z.number().int().nonnegative(),
  z
    .string()
    .regex(/^0x[0-9a-fA-F]+$/)
    .transform((text) => Number.parseInt(text, 16)),
]);

/** An account as ss58 or hex, in the node's own form. */
export const accountParam = z.string().transform((text, context) => {
  try {
    return toHex(text.startsWith("0x") ? fromHex(text) : decodeAddress(text));
  } catch {
    context.addIssue({ code: "custom", message: "Not an account" });
    return z.NEVER;
  }
});

/**
 * Positional parameters, parsed.
 *
 * @throws {@link RpcError} `-32602` when they do not fit.
 */
export function parseParams<T extends readonly [z.ZodType, ...z.ZodType[]]>(
  params: readonly unknown[],
  ...schemas: T
): { [K in keyof T]: z.output<T[K]> } {
  const values = schemas.map((schema, index) => {
    const parsed = schema.safeParse(params[index]);
    if (parsed.success) return parsed.data;
    throw new RpcError(rpcCodes.invalidParams, "Invalid params", `parameter ${index}: ${parsed.error.issues[0]?.message ?? "invalid"}`);
  });
  // One value a schema, in order; map() loses that they form the mapped tuple.
  return values as { [K in keyof T]: z.output<T[K]> };
}
