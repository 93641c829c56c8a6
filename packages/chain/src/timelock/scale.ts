/** SCALE bytes of a `Vec<u16>`. */
export function encodeU16Vector(values: readonly number[]): Uint8Array {
  const body = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    body.writeUInt16LE(value, index * 2);
  });
  return Buffer.concat([encodeCompact(values.length), body]);
}

/** SCALE compact length, for lengths below 2^30. */
export function encodeCompact(value: number): Uint8Array {
  if (value < 64) return Uint8Array.of(value << 2);
  if (value < 16_384) return Uint8Array.of(((value << 2) | 1) & 0xff, value >> 6);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value * 4 + 2);
  return bytes;
}

/** A u64, little-endian. */
export function encodeU64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
