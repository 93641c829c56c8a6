import { epistulaHeaders, epistulaHeadersSchema, epistulaMessage } from "@vision/protocol";
import { sha256Hex } from "./digest.js";
import type { ReplayWindow } from "./replay-window.js";
import type { IncomingHeaders } from "./sign-request.js";
import { verifySignature } from "./verify-signature.js";

/** How old a signed request may be, milliseconds: Epistula's own bound. */
export const DEFAULT_MAX_AGE_MS = 8_000;
/** How far ahead the sender's clock may be, milliseconds. Epistula has no bound, so a signature could be made for next year. */
export const DEFAULT_MAX_FUTURE_MS = 4_000;

/** A request as it came in, and what it is checked against. */
export type VerifyRequestOptions = {
  readonly headers: IncomingHeaders;
  /** The exact bytes that were received. */
  readonly body: Uint8Array;
  /** Our own ss58 address: requests for anybody else are refused. */
  readonly ourAddress: string;
  readonly nowMs: number;
  /** Its window must cover `maxAgeMs` plus `maxFutureMs`, and it must begin `maxFutureMs` after the process has. */
  readonly replayWindow: ReplayWindow;
  /**
   * Whether the signer may use us at all. Asked once its signature is found valid and before the request is remembered, so that strangers
   * cannot fill the replay window. Default: everybody may.
   */
  readonly isPermitted?: (signedBy: string) => boolean;
  readonly maxAgeMs?: number;
  readonly maxFutureMs?: number;
};

/** Why a signed request is refused. */
export type VerifyFailure = "malformed" | "stale" | "future" | "not-for-us" | "bad-signature" | "not-permitted" | "replayed";

/** Who signed a request, or why it is refused. */
export type VerifyResult =
  | { readonly ok: true; readonly signedBy: string; readonly uuid: string; readonly timestampMs: number }
  | { readonly ok: false; readonly reason: VerifyFailure };

/** The head of a request, and what it is checked against. */
export type VerifyRequestHeadOptions = Omit<VerifyRequestOptions, "body" | "replayWindow" | "isPermitted"> & {
  /** Asked whether the request could still be its first; nothing is recorded. */
  readonly replayWindow?: ReplayWindow;
};

/** What the headers of a request claim, none of it proven; or why the request would be refused whatever its body is. */
export type VerifyHeadResult =
  | {
      readonly ok: true;
      readonly signedBy: string;
      readonly uuid: string;
      readonly timestampMs: number;
      /** 64 bytes. */
      readonly signature: Uint8Array;
    }
  | { readonly ok: false; readonly reason: VerifyFailure };

/**
 * Checks all of an Epistula version 2 request that can be checked before its body is read: form, version, receiver and time. Costs no
 * cryptography. Never throws on bad input.
 */
export function verifyRequestHead(options: VerifyRequestHeadOptions): VerifyHeadResult {
  const { headers, ourAddress, nowMs, replayWindow, maxAgeMs = DEFAULT_MAX_AGE_MS, maxFutureMs = DEFAULT_MAX_FUTURE_MS } = options;
  const parsed = epistulaHeadersSchema.safeParse(headers);
  if (!parsed.success) return { ok: false, reason: "malformed" };
  const timestampMs = parsed.data[epistulaHeaders.timestamp];
  const uuid = parsed.data[epistulaHeaders.uuid];
  const signedBy = parsed.data[epistulaHeaders.signedBy];
  if (parsed.data[epistulaHeaders.signedFor] !== ourAddress) return { ok: false, reason: "not-for-us" };
  if (timestampMs < nowMs - maxAgeMs) return { ok: false, reason: "stale" };
  if (timestampMs > nowMs + maxFutureMs) return { ok: false, reason: "future" };
  if (replayWindow?.isNew({ signer: signedBy, id: uuid, timestampMs, nowMs }) === false) return { ok: false, reason: "replayed" };
  return { ok: true, signedBy, uuid, timestampMs, signature: Buffer.from(parsed.data[epistulaHeaders.signature].slice(2), "hex") };
}

/**
 * Checks an Epistula version 2 request: form, receiver, time, signature over the body, and that it is the first of its kind.
 * Cheap checks come first; the replay window learns only of requests that are signed
 * validly by somebody permitted. Never throws on bad input.
 */
export function verifyRequest(options: VerifyRequestOptions): VerifyResult {
  const { body, ourAddress, nowMs, replayWindow } = options;
  const head = verifyRequestHead(options);
  if (!head.ok) return head;
  const { signedBy, uuid, timestampMs, signature } = head;
  const message = Buffer.from(epistulaMessage({ bodySha256Hex: sha256Hex(body), uuid, timestampMs, signedFor: ourAddress }));
  if (!verifySignature({ address: signedBy, message, signature })) return { ok: false, reason: "bad-signature" };
  if (options.isPermitted?.(signedBy) === false) return { ok: false, reason: "not-permitted" };
  if (!replayWindow.checkAndRecord({ signer: signedBy, id: uuid, timestampMs, nowMs })) return { ok: false, reason: "replayed" };
  return { ok: true, signedBy, uuid, timestampMs };
}
