import type { AnswerReceipt, ReceiptClaim } from "@vision/signing";

const TIME_BYTES = 8;
const DIGEST_BYTES = 32;
const SIGNATURE_BYTES = 64;
const CLAIM_BYTES = TIME_BYTES + DIGEST_BYTES + SIGNATURE_BYTES;
const ANSWER_AT = TIME_BYTES + DIGEST_BYTES;

/** A claim as it is stored: its parts one after the other, 104 bytes. */
export function packClaim(claim: ReceiptClaim): Buffer {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(claim.atMs));
  return Buffer.concat([time, Buffer.from(claim.requestSha256Hex, "hex"), Buffer.from(claim.signatureHex, "hex")]);
}

/** The claim that was stored; null for what is none. */
export function unpackClaim(bytes: Uint8Array | null): ReceiptClaim | null {
  if (bytes === null || bytes.length !== CLAIM_BYTES) return null;
  const buffer = Buffer.from(bytes);
  const hex = (from: number, length: number) => buffer.subarray(from, from + length).toString("hex");
  return {
    atMs: Number(buffer.readBigUInt64BE()),
    requestSha256Hex: hex(TIME_BYTES, DIGEST_BYTES),
    signatureHex: hex(ANSWER_AT, SIGNATURE_BYTES),
  };
}

/** A receipt as it is stored: the claim with the answer's digest before the signature, 136 bytes. */
export function packReceipt({ answerSha256Hex, ...claim }: AnswerReceipt): Buffer {
  const packed = packClaim(claim);
  return Buffer.concat([packed.subarray(0, ANSWER_AT), Buffer.from(answerSha256Hex, "hex"), packed.subarray(ANSWER_AT)]);
}

/** The receipt that was stored; null for what is none. */
export function unpackReceipt(bytes: Uint8Array | null): AnswerReceipt | null {
  if (bytes === null || bytes.length !== CLAIM_BYTES + DIGEST_BYTES) return null;
  const answerEnd = ANSWER_AT + DIGEST_BYTES;
  const claim = unpackClaim(Buffer.concat([bytes.subarray(0, ANSWER_AT), bytes.subarray(answerEnd)]));
  return claim === null ? null : { ...claim, answerSha256Hex: Buffer.from(bytes.subarray(ANSWER_AT, answerEnd)).toString("hex") };
}
