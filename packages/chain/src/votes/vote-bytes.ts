import { taskIdSchema } from "@vision/protocol";
import { compareIds, invalidVote, MAX_VOTE_TASKS, VOTE_TOTAL_PPM, type Vote } from "./vote.js";

const MAGIC = 0x56; // "V"
const VERSION = 1;
/** Most bytes of a commitment (`BigRaw`). Up to 128 it is a `Raw` field, which older runtimes have too. */
export const MAX_VOTE_BYTES = 512;

/** What {@link decodeVote} makes of bytes. */
export type DecodedVote = { readonly ok: true; readonly vote: Vote } | { readonly ok: false; readonly reason: string };

/**
 * The one byte string of a vote:
 * `0x56 0x01 count`, then per task in ascending order of its id: length of the id (one byte), the id in ASCII, the weight in parts per
 * million as an unsigned LEB128 of the fewest bytes. Weights are positive and sum to exactly 1,000,000.
 *
 * @throws {@link ChainError} `CHAIN_INVALID_VOTE` when the vote is not of that kind or longer than 512 bytes.
 */
export function encodeVote(vote: Vote): Uint8Array {
  const ids = [...vote.keys()].sort(compareIds);
  const bytes = [MAGIC, VERSION, ids.length];
  for (const id of ids) bytes.push(id.length, ...Buffer.from(id, "latin1"), ...encodeVarint(vote.get(id) ?? 0));
  const encoded = Uint8Array.from(bytes);
  const decoded = decodeVote(encoded);
  if (!decoded.ok) throw invalidVote(`The vote cannot be published: ${decoded.reason}.`);
  return encoded;
}

/** The vote in a commitment's bytes. Never throws; anything that is not exactly what {@link encodeVote} makes is refused. */
export function decodeVote(bytes: Uint8Array): DecodedVote {
  const refuse = (reason: string): DecodedVote => ({ ok: false, reason });
  if (bytes[0] !== MAGIC) return refuse("it is not a vote");
  if (bytes[1] !== VERSION) return refuse(`its version is ${bytes[1] ?? "missing"}, not ${VERSION}`);
  if (bytes.length > MAX_VOTE_BYTES) return refuse(`it is longer than ${MAX_VOTE_BYTES} bytes`);
  const count = bytes[2] ?? 0;
  if (count < 1 || count > MAX_VOTE_TASKS) return refuse(`it names ${count} tasks, not 1 to ${MAX_VOTE_TASKS}`);
  const vote = new Map<string, number>();
  let offset = 3;
  let previous = "";
  let total = 0;
  for (let index = 0; index < count; index += 1) {
    const length = bytes[offset] ?? 0;
    const id = Buffer.from(bytes.subarray(offset + 1, offset + 1 + length)).toString("latin1");
    if (id.length !== length || !taskIdSchema.safeParse(id).success) return refuse("a task id is malformed");
    if (compareIds(previous, id) >= 0) return refuse("its tasks are not in ascending order");
    const weight = decodeVarint(bytes, offset + 1 + length);
    if (weight === null || weight.value < 1) return refuse("a weight is malformed or zero");
    vote.set(id, weight.value);
    total += weight.value;
    previous = id;
    offset = weight.end;
  }
  if (offset !== bytes.length) return refuse("bytes are left over");
  return total === VOTE_TOTAL_PPM ? { ok: true, vote } : refuse(`its weights sum to ${total}, not ${VOTE_TOTAL_PPM}`);
}

function encodeVarint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

function decodeVarint(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } | null {
  let value = 0;
  for (let index = 0; index < 3; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) return null;
    value |= (byte & 127) << (7 * index);
    // A last byte of zero means that fewer bytes would have done.
    if (byte < 128) return byte === 0 && index > 0 ? null : { value, end: start + index + 1 };
  }
  return null;
}
