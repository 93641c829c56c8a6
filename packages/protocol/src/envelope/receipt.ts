import type { Answer } from "../families/answer.js";

/** The header that asks for a receipt, and carries the receipt of an answer in one body. */
export const RECEIPT_HEADER = "vision-receipt";

/** What {@link RECEIPT_HEADER} asks with. */
export const RECEIPT_WANTED = "1";

const EVENT_START = '{"vision_receipt":"';
const EVENT_END = '"}';

/** The event of a stream that carries its receipt, as JSON: the last one before `[DONE]`. Readers that do not know it find no choice in it. */
export function receiptEvent(receipt: string): string {
  return EVENT_START + receipt + EVENT_END;
}

/** The receipt that an event carries; null for any other event. */
export function readReceiptEvent(data: string): string | null {
  return data.startsWith(EVENT_START) && data.endsWith(EVENT_END) ? data.slice(EVENT_START.length, -EVENT_END.length) : null;
}

/**
 * What a receipt says of an answer: its text, images or vectors, every token with its bytes and log-probability, and how it ended. One text
 * for one answer, the same at both ends; whoever keeps the answer can make it again.
 */
export function answerTranscript(answer: Answer): string {
  if (answer.kind === "images") return JSON.stringify(["images", answer.imagesBase64]);
  if (answer.kind === "vectors") return JSON.stringify(["vectors", answer.vectorsBase64]);
  const tokens = answer.tokens.map(({ bytes, text, logprob }) => [bytes, text, logprob]);
  return JSON.stringify(["text", answer.text, answer.finishReason, tokens]);
}

/** What a receipt is over. */
export type ReceiptMessage = {
  /** SHA-256 of the request's exact body, hex. */
  readonly requestSha256Hex: string;
  /** SHA-256 of the {@link answerTranscript}, hex. */
  readonly answerSha256Hex: string;
  /** ss58 addresses. */
  readonly miner: string;
  readonly validator: string;
  /** Unix time in milliseconds at the miner. */
  readonly atMs: number;
};

/** The one string that a receipt's signature is over. */
export function receiptMessage({ requestSha256Hex, answerSha256Hex, miner, validator, atMs }: ReceiptMessage): string {
  return `vision-receipt-v1\n${requestSha256Hex}\n${answerSha256Hex}\n${miner}\n${validator}\n${atMs}`;
}
