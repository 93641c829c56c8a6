import { z } from "zod";
import { readHotkeys } from "./read-metagraph-storage.js";
import { type Reader, type ReadOptions, readStorage } from "./reader.js";

const commitmentSchema = z.object({ info: z.object({ fields: z.array(z.unknown()) }) }).nullish();
const fieldSchema = z.record(z.string(), z.string());

/**
 * The last commitment of every hotkey of a subnet that made one, at one block: the bytes of its raw fields, joined.
 * Fields of other kinds (hashes, timelocked data) hold no bytes to read and are left out.
 */
export async function readCommitments(reader: Reader, netuid: number, options: ReadOptions = {}): Promise<ReadonlyMap<string, Uint8Array>> {
  const atBlockHash = options.atBlockHash ?? z.string().parse(await reader.request("chain_getBlockHash", [], options.signal));
  const at = { ...options, atBlockHash };
  const hotkeys = await readHotkeys(reader, netuid, at);
  const values = await readStorage(
    reader,
    hotkeys.map((hotkey) => ({ pallet: "Commitments", item: "CommitmentOf", args: [netuid, hotkey] })),
    at,
  );
  const commitments = new Map<string, Uint8Array>();
  hotkeys.forEach((hotkey, index) => {
    const parsed = commitmentSchema.safeParse(values[index]);
    const bytes = parsed.success && parsed.data ? decodeCommitmentFields(parsed.data.info.fields) : null;
    if (bytes !== null) commitments.set(hotkey, bytes);
  });
  return commitments;
}

/** Bytes of the `Raw0` to `Raw128` and `BigRaw` fields, in JSON form, joined; null when there is none. */
export function decodeCommitmentFields(fields: readonly unknown[]): Uint8Array | null {
  const parts: Uint8Array[] = [];
  for (const field of fields.flat()) {
    const parsed = fieldSchema.safeParse(field);
    if (!parsed.success) continue;
    const [tag = "", value = ""] = Object.entries(parsed.data)[0] ?? [];
    // polkadot.js lower-cases the first letter of a variant in JSON.
    if (/^(raw\d+|bigRaw)$/i.test(tag))
      parts.push(value.startsWith("0x") ? Buffer.from(value.slice(2), "hex") : Buffer.from(value, "utf8"));
  }
  return parts.length === 0 ? null : Uint8Array.from(Buffer.concat(parts));
}

/** The one field that holds the bytes: `RawN` up to 128 bytes, `BigRaw` up to 512. Null when they do not fit. */
export function encodeCommitmentField(bytes: Uint8Array): Readonly<Record<string, string>> | null {
  const hex = `0x${Buffer.from(bytes).toString("hex")}`;
  if (bytes.length <= 128) return { [`Raw${bytes.length}`]: hex };
  return bytes.length <= 512 ? { BigRaw: hex } : null;
}
