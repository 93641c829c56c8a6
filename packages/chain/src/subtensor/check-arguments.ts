import { isAddress } from "@vision/signing";
import { z } from "zod";
import type { SetMechanismWeightsRequest } from "../calls/set-weights.js";
import { ChainError } from "../errors/chain-error.js";

const u16Schema = z.int().min(0).max(65_535);
const u64Schema = z
  .bigint()
  .min(0n)
  .max(2n ** 64n - 1n);
const addressSchema = z.string().refine(isAddress, "must be an ss58 address with prefix 42");
const weightsSchema = z.array(z.object({ uid: u16Schema, weightU16: u16Schema }));
const signerSchema = z.object({
  address: addressSchema,
  publicKey: z.instanceof(Uint8Array).refine((key) => key.length === 32, "must be 32 bytes"),
});

/** Every argument of the client by its name: one name means one thing in all methods. */
const schemas = {
  netuid: u16Schema,
  uid: u16Schema,
  /** The chain has at most 16 mechanisms a subnet. */
  mechanismId: z.int().min(0).max(15).optional(),
  blockNumber: z.int().min(0).max(4_294_967_295),
  atBlockHash: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/i, "must be a block's hash")
    .optional(),
  address: addressSchema,
  hotkey: addressSchema,
  coldkey: addressSchema,
  signer: signerSchema,
  amountRao: u64Schema,
  maxBurnRao: u64Schema,
  // The price doubles with every registration on some subnets; `maxBurnRao` is what bounds the spending.
  slackPpm: z.int().min(0).max(1_000_000_000).optional(),
  versionKey: u64Schema,
  weights: weightsSchema,
  hotkeyWeights: z.array(z.object({ hotkey: addressSchema, uid: u16Schema, weightU16: u16Schema })),
  salt: z.array(u16Schema),
  bytes: z.instanceof(Uint8Array),
  items: z.array(z.object({ netuid: u16Schema, weights: weightsSchema, versionKey: u64Schema })),
  host: z.string(),
  port: z.number(),
  serves: z.enum(["miner", "gateway"]).optional(),
} as const;

const MAX_SHOWN_MISTAKES = 10;

/** Arguments of a call by name. */
export type CallArguments = Partial<Record<keyof typeof schemas, unknown>>;

/**
 * Checks what a caller hands over before anything is asked or sent: its mistake must not look like an outage that passes by itself.
 *
 * @throws {@link ChainError} `CHAIN_INVALID_ARGUMENT` with every mistake.
 */
export function checkArguments(operation: string, given: CallArguments): void {
  const mistakes = Object.entries(given).flatMap(([name, value]) => {
    const schema: z.ZodType = schemas[name as keyof typeof schemas];
    const parsed = schema.safeParse(value);
    return parsed.success ? [] : parsed.error.issues.map((issue) => `${[name, ...issue.path].join(".")}: ${issue.message}`);
  });
  if (mistakes.length === 0) return;
  const shown = mistakes.slice(0, MAX_SHOWN_MISTAKES);
  const rest = mistakes.length - shown.length;
  throw new ChainError({
    code: "CHAIN_INVALID_ARGUMENT",
    message: `The arguments of ${operation} are wrong: ${shown.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}.`,
    hint: "Nothing was asked or sent. Correct the call.",
    facts: { operation },
  });
}

/** The arguments of `setWeights`, whose weights name hotkeys. */
export function setWeightsArguments({ weights, ...request }: SetMechanismWeightsRequest): CallArguments {
  return { ...request, hotkeyWeights: weights };
}
