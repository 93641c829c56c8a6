export { isAddress, parseAddress, toAddress } from "./address.js";
export { sha256Hex } from "./digest.js";
export { createHotkeyFromMnemonic, createHotkeyFromSeed, createHotkeyFromUri, type Hotkey } from "./hotkey.js";
export { nameRequest } from "./name-request.js";
export { ready } from "./ready.js";
export {
  type AnswerReceipt,
  completeReceipt,
  parseReceipt,
  type ReceiptClaim,
  type SignReceiptOptions,
  signReceipt,
  verifyReceipt,
} from "./receipt/answer-receipt.js";
export { createReplayWindow, type ReplayCheck, type ReplayWindow, type ReplayWindowOptions } from "./replay-window.js";
export { type AcceptHelloOptions, type AcceptHelloResult, acceptHello } from "./session/accept-hello.js";
export {
  type CompleteHelloFailure,
  type CompleteHelloOptions,
  type CompleteHelloResult,
  completeHello,
} from "./session/complete-hello.js";
export { type CounterWindow, createCounterWindow, DEFAULT_COUNTER_WINDOW } from "./session/counter-window.js";
export { type CreateHelloOptions, createHello, type Hello, type PendingHello } from "./session/create-hello.js";
export { macRequest, type SessionRequest } from "./session/mac-request.js";
export type { Session } from "./session/session.js";
export {
  type VerifySessionFailure,
  type VerifySessionHeadOptions,
  type VerifySessionHeadResult,
  type VerifySessionRequestOptions,
  type VerifySessionResult,
  verifySessionHead,
  verifySessionRequest,
} from "./session/verify-session-request.js";
export { type IncomingHeaders, type SignRequestOptions, signRequest } from "./sign-request.js";
export { claimVerdicts, signVerdicts, type VerdictsClaim, verifyVerdicts } from "./verdicts/signed-verdicts.js";
export {
  DEFAULT_MAX_AGE_MS,
  DEFAULT_MAX_FUTURE_MS,
  type VerifyFailure,
  type VerifyHeadResult,
  type VerifyRequestHeadOptions,
  type VerifyRequestOptions,
  type VerifyResult,
  verifyRequest,
  verifyRequestHead,
} from "./verify-request.js";
export { type SignatureClaim, verifySignature } from "./verify-signature.js";
