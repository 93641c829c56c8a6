const byteToHex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Bytes as lower-case hex with `0x`. */
export function toHex(bytes: Uint8Array): string {
  return `0x${toBareHex(bytes)}`;
}

/** Bytes as lower-case hex without a prefix. */
export function toBareHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byteToHex[byte];
  return text;
}

/**
 * Hex, with or without `0x`, as bytes.
 *
 * @throws RangeError for text that is not hex of whole bytes.
 */
export function fromHex(text: string): Uint8Array {
  const digits = text.startsWith("0x") ? text.slice(2) : text;
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) throw new RangeError(`Not hex: ${text.slice(0, 80)}`);
  return Uint8Array.from(Buffer.from(digits, "hex"));
}
