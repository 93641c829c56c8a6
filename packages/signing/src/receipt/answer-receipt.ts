import { type Answer, answerTranscript, type ReceiptMessage, receiptMessage } from "@vision/protocol";
import { sha256Hex } from "../digest.js";
import type { Hotkey } from "../hotkey.js";
import { verifySignature } from "../verify-signature.js";

/** A miner's signature that it gave an answer to a request. With the two addresses, anybody can check it. */
export type AnswerReceipt = Pick<ReceiptMessage, "requestSha256Hex" | "answerSha256Hex" | "atMs"> & {
  /** sr25519, 64 bytes in hex. */
  readonly signatureHex: string;
};

/** What is countersigned. */
export type SignReceiptOptions = Pick<ReceiptMessage, "requestSha256Hex" | "validator" | "atMs"> & {
  /** The miner's. */
  readonly hotkey: Hotkey;
  readonly answer: Answer;
};

/** The receipt as it travels: the time and the signature. */
export function signReceipt({ hotkey, answer, ...claim }: SignReceiptOptions): string {
  const message = receiptMessage({ ...claim, miner: hotkey.address, answerSha256Hex: sha256Hex(answerTranscript(answer)) });
  return `${claim.atMs}.${Buffer.from(hotkey.sign(Buffer.from(message))).toString("hex")}`;
}

/** What a miner claims with a receipt. Whether it is true shows only once the answer's digest is in it. */
export type ReceiptClaim = Omit<AnswerReceipt, "answerSha256Hex">;

const RECEIPT = /^(\d{1,16})\.([0-9a-f]{128})$/;

/** Time and signature of a receipt as it came; null for what has not its shape. Costs no cryptography and proves nothing yet. */
export function parseReceipt(text: string): Pick<AnswerReceipt, "atMs" | "signatureHex"> | null {
  const [, atText, signatureHex] = RECEIPT.exec(text) ?? [];
  return signatureHex === undefined ? null : { atMs: Number(atText), signatureHex };
}

/** The receipt that is claimed for an answer, to be verified by {@link verifyReceipt}. */
export function completeReceipt(claim: ReceiptClaim, answer: Answer): AnswerReceipt {
  return { ...claim, answerSha256Hex: sha256Hex(answerTranscript(answer)) };
}

/** Whether a receipt is by that miner to that validator. That it is for an answer shows the answer's digest. */
export function verifyReceipt(receipt: AnswerReceipt, { miner, validator }: Pick<ReceiptMessage, "miner" | "validator">): boolean {
  const { signatureHex, ...claim } = receipt;
  const message = Buffer.from(receiptMessage({ ...claim, miner, validator }));
  return verifySignature({ address: miner, message, signature: Buffer.from(signatureHex, "hex") });
}
