import { crc32 } from "node:zlib";

/** The first eight bytes of every PNG. */
export const PNG_SIGNATURE: Uint8Array = Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10]);

/** One chunk: its four-letter type and its data. */
export type PngChunk = { readonly type: string; readonly data: Uint8Array };

/** A chunk with its length and checksum around it. */
export function encodePngChunk({ type, data }: PngChunk): Uint8Array {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, "latin1");
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

/** The chunks of a PNG, or the reason why they cannot be read. Lengths and checksums have been checked. */
export function decodePngChunks(
  bytes: Uint8Array,
  maxChunks = Number.POSITIVE_INFINITY,
): { readonly ok: true; readonly chunks: readonly PngChunk[] } | { readonly ok: false; readonly reason: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, 8).equals(PNG_SIGNATURE)) return { ok: false, reason: "not a PNG" };
  const chunks: PngChunk[] = [];
  for (let position = 8; position < buffer.length; ) {
    if (chunks.length >= maxChunks) return { ok: false, reason: `there are more than ${maxChunks} chunks` };
    if (buffer.length - position < 12) return { ok: false, reason: "a chunk is cut off" };
    const length = buffer.readUInt32BE(position);
    if (length > buffer.length - position - 12) return { ok: false, reason: "a chunk is cut off" };
    const type = buffer.toString("latin1", position + 4, position + 8);
    const end = position + 8 + length;
    if (crc32(buffer.subarray(position + 4, end)) !== buffer.readUInt32BE(end))
      return { ok: false, reason: `the checksum of the chunk ${type} is wrong` };
    chunks.push({ type, data: buffer.subarray(position + 8, end) });
    position = end + 4;
    if (type === "IEND") return { ok: true, chunks };
  }
  return { ok: false, reason: "there is no IEND chunk" };
}
