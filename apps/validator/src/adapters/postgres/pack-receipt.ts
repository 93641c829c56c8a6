import type { AnswerReceipt } from "@vision/signing";

const TIME_BYTES = 8;
const DIGEST_BYTES = 32;
const SIGNATURE_BYTES = 64;
const BYTES = TIME_BYTES + 2 * DIGEST_BYTES + SIGNATURE_BYTES;

/** A receipt as it is stored: its parts one after the other, 136 bytes. */
export function packReceipt(receipt: AnswerReceipt | null): Buffer | null {
  if (receipt === null) return null;
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(receipt.atMs));
  const parts = [receipt.requestSha256Hex, receipt.answerSha256Hex, receipt.signatureHex];
  return Buffer.concat([time, ...parts.map((hex) => Buffer.from(hex, "hex"))]);
}

/** The receipt that was stored; null for what is none. */
export function unpackReceipt(bytes: Uint8Array | null): AnswerReceipt | null {
  if (bytes === null || bytes.length !== BYTES) return null;
  const buffer = Buffer.from(bytes);
  const hex = (from: number, length: number) => buffer.subarray(from, from + length).toString("hex");
  return {
    atMs: Number(buffer.readBigUInt64BE()),
    requestSha256Hex: hex(TIME_BYTES, DIGEST_BYTES),
    answerSha256Hex: hex(TIME_BYTES + DIGEST_BYTES, DIGEST_BYTES),
    signatureHex: hex(TIME_BYTES + 2 * DIGEST_BYTES, SIGNATURE_BYTES),
  };
}
