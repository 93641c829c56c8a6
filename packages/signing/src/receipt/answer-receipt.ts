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

/** What a receipt must be for. */
export type ReadReceiptOptions = Pick<ReceiptMessage, "requestSha256Hex" | "miner" | "validator"> & {
  /** As it came. */
  readonly receipt: string;
  readonly answer: Answer;
  /** The miner's time must lie between these, Unix milliseconds. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
};

const RECEIPT = /^(\d{1,16})\.([0-9a-f]{128})$/;

/** The receipt, if it is by that miner, for that request, answer and validator, and of that time; null for anything else, however broken. */
export function readReceipt(options: ReadReceiptOptions): AnswerReceipt | null {
  const [, atText, signatureHex = ""] = RECEIPT.exec(options.receipt) ?? [];
  const atMs = Number(atText);
  if (!(atMs >= options.notBeforeMs && atMs <= options.notAfterMs)) return null;
  const { requestSha256Hex, answer, miner, validator } = options;
  const receipt = { requestSha256Hex, answerSha256Hex: sha256Hex(answerTranscript(answer)), atMs, signatureHex };
  return verifyReceipt(receipt, { miner, validator }) ? receipt : null;
}

/** Whether a kept receipt is by that miner to that validator. That it is for an answer shows the answer's digest. */
export function verifyReceipt(receipt: AnswerReceipt, { miner, validator }: Pick<ReceiptMessage, "miner" | "validator">): boolean {
  const { signatureHex, ...claim } = receipt;
  const message = Buffer.from(receiptMessage({ ...claim, miner, validator }));
  return verifySignature({ address: miner, message, signature: Buffer.from(signatureHex, "hex") });
}
