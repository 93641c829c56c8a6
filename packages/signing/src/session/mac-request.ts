import { createHmac } from "node:crypto";
import { type SessionMessage, sessionHeaders, sessionMessage } from "@vision/protocol";
import { sha256Hex } from "../digest.js";
import type { Session } from "./session.js";

/** What a request inside a session is authenticated by. */
export type SessionRequest = {
  /** Upper case. */
  readonly method: string;
  /** Path with query string, exactly as sent. */
  readonly path: string;
  /** The exact bytes; empty for no body. */
  readonly body: Uint8Array;
  /** Unix time in milliseconds. */
  readonly timestampMs: number;
  /** Never used before in this session; count up from 0. */
  readonly counter: number;
};

/** Headers (lower-case names) that authenticate one request inside a session: HMAC-SHA256 over method, path, body digest, time and counter. */
export function macRequest(session: Session, request: SessionRequest): Record<string, string> {
  const { method, path, body, timestampMs, counter } = request;
  const message = { sessionId: session.sessionId, method, path, bodySha256Hex: sha256Hex(body), timestampMs, counter };
  return {
    [sessionHeaders.session]: session.sessionId,
    [sessionHeaders.counter]: String(counter),
    [sessionHeaders.timestamp]: String(timestampMs),
    [sessionHeaders.mac]: sessionMac(session.key, message).toString("hex"),
  };
}

/** The MAC itself, 32 bytes. */
export function sessionMac(key: Uint8Array, message: SessionMessage): Buffer {
  return createHmac("sha256", key).update(sessionMessage(message)).digest();
}
