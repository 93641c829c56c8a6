import { timingSafeEqual } from "node:crypto";
import { sessionHeaders, sessionHeadersSchema } from "@vision/protocol";
import { sha256Hex } from "../digest.js";
import type { IncomingHeaders } from "../sign-request.js";
import { DEFAULT_MAX_AGE_MS, DEFAULT_MAX_FUTURE_MS } from "../verify-request.js";
import type { CounterWindow } from "./counter-window.js";
import { sessionMac } from "./mac-request.js";
import type { Session } from "./session.js";

/** A request as it came in, and the session that it names. Times in Unix milliseconds. */
export type VerifySessionRequestOptions = {
  readonly session: Session;
  /** The session's own window. */
  readonly counters: CounterWindow;
  readonly headers: IncomingHeaders;
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
  readonly nowMs: number;
  readonly maxAgeMs?: number;
  readonly maxFutureMs?: number;
};

/** Why a request inside a session is refused. */
export type VerifySessionFailure = "malformed" | "wrong-session" | "expired" | "stale" | "future" | "bad-mac" | "replayed";

/** Who sent the request, or why it is refused. */
export type VerifySessionResult =
  | { readonly ok: true; readonly peer: string }
  | { readonly ok: false; readonly reason: VerifySessionFailure };

/** The head of a request, and the session that it names. */
export type VerifySessionHeadOptions = Omit<VerifySessionRequestOptions, "method" | "path" | "body">;

/** What the head of a request inside a session claims, none of it proven; or why it would be refused whatever its body is. */
export type VerifySessionHeadResult =
  | { readonly ok: true; readonly timestampMs: number; readonly counter: number; readonly mac: Uint8Array }
  | { readonly ok: false; readonly reason: VerifySessionFailure };

/**
 * Checks all of a request inside a session that can be checked before its body is read: form, session, time and counter. Records
 * nothing, costs no cryptography, and never throws on bad input.
 */
export function verifySessionHead(options: VerifySessionHeadOptions): VerifySessionHeadResult {
  const { session, nowMs, maxAgeMs = DEFAULT_MAX_AGE_MS, maxFutureMs = DEFAULT_MAX_FUTURE_MS } = options;
  const parsed = sessionHeadersSchema.safeParse(options.headers);
  if (!parsed.success) return { ok: false, reason: "malformed" };
  const timestampMs = parsed.data[sessionHeaders.timestamp];
  const counter = parsed.data[sessionHeaders.counter];
  if (parsed.data[sessionHeaders.session] !== session.sessionId) return { ok: false, reason: "wrong-session" };
  if (nowMs >= session.expiresAtMs) return { ok: false, reason: "expired" };
  if (timestampMs < nowMs - maxAgeMs) return { ok: false, reason: "stale" };
  if (timestampMs > nowMs + maxFutureMs) return { ok: false, reason: "future" };
  if (!options.counters.isNew(counter)) return { ok: false, reason: "replayed" };
  return { ok: true, timestampMs, counter, mac: Buffer.from(parsed.data[sessionHeaders.mac], "hex") };
}

/**
 * Checks a request inside a session. The MAC is compared in constant time; the counter is recorded only when it is right, and in the
 * same call as it is checked. Never throws on bad input.
 */
export function verifySessionRequest(options: VerifySessionRequestOptions): VerifySessionResult {
  const { session, counters } = options;
  const head = verifySessionHead(options);
  if (!head.ok) return head;
  const expected = sessionMac(session.key, {
    sessionId: session.sessionId,
    method: options.method,
    path: options.path,
    bodySha256Hex: sha256Hex(options.body),
    timestampMs: head.timestampMs,
    counter: head.counter,
  });
  if (!timingSafeEqual(expected, head.mac)) return { ok: false, reason: "bad-mac" };
  if (!counters.checkAndRecord(head.counter)) return { ok: false, reason: "replayed" };
  return { ok: true, peer: session.peer };
}
