import { z } from "zod";
import { ChainError } from "../errors/chain-error.js";
import { hexSchema } from "../runtime/chain-json.js";
import { type ChainEvent, decodeEvents } from "../runtime/events.js";
import type { SignedExtrinsic } from "./sign-extrinsic.js";
import type { Submitter } from "./submitter.js";

const blockSchema = z.object({ block: z.object({ header: z.looseObject({ number: z.string() }), extrinsics: z.array(hexSchema) }) });

/** The events of an extrinsic in a block; null when it is not in it. */
export async function findInBlock(
  submitter: Submitter,
  { blockHash, signed, signal }: { readonly blockHash: string; readonly signed: SignedExtrinsic; readonly signal: AbortSignal | undefined },
): Promise<{ readonly blockNumber: number; readonly events: readonly ChainEvent[] } | null> {
  const parsed = blockSchema.nullable().parse(await submitter.request("chain_getBlock", [blockHash], signal));
  const index = parsed?.block.extrinsics.findIndex((hex) => hex.toLowerCase() === signed.hex) ?? -1;
  if (parsed === null || index < 0) return null;
  const runtime = await submitter.runtime(signal);
  const key = runtime.storage("System", "Events")?.key([]);
  if (key === undefined) throw new ChainError({ code: "CHAIN_UNSUPPORTED", message: "The runtime has no System.Events." });
  const hex = hexSchema.nullable().parse(await submitter.request("state_getStorage", [key, blockHash], signal));
  const events = hex === null ? [] : decodeEvents(runtime, hex);
  return { blockNumber: Number(parsed.block.header.number), events: events.filter((event) => event.extrinsicIndex === index) };
}
