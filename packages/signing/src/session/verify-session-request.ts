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

/**
 * Checks a request inside a session. The MAC is compared in constant time; the counter is recorded only when it is right, and in the
 * same call as it is checked. Never throws on bad input.
 */
export function verifySessionRequest(options: VerifySessionRequestOptions): VerifySessionResult {
  const { session, nowMs, maxAgeMs = DEFAULT_MAX_AGE_MS, maxFutureMs = DEFAULT_MAX_FUTURE_MS } = options;
  const parsed = sessionHeadersSchema.safeParse(options.headers);
  if (!parsed.success) return { ok: false, reason: "malformed" };
  const timestampMs = parsed.data[sessionHeaders.timestamp];
  const counter = parsed.data[sessionHeaders.counter];
  if (parsed.data[sessionHeaders.session] !== session.sessionId) return { ok: false, reason: "wrong-session" };
  if (nowMs >= session.expiresAtMs) return { ok: false, reason: "expired" };
  if (timestampMs < nowMs - maxAgeMs) return { ok: false, reason: "stale" };
  if (timestampMs > nowMs + maxFutureMs) return { ok: false, reason: "future" };
  const expected = sessionMac(session.key, {
    sessionId: session.sessionId,
    method: options.method,
    path: options.path,
    bodySha256Hex: sha256Hex(options.body),
    timestampMs,
    counter,
  });
  if (!timingSafeEqual(expected, Buffer.from(parsed.data[sessionHeaders.mac], "hex"))) return { ok: false, reason: "bad-mac" };
  if (!options.counters.checkAndRecord(counter)) return { ok: false, reason: "replayed" };
  return { ok: true, peer: session.peer };
}
