import { createWireError, type WireErrorCode, wireErrorStatus } from "@vision/protocol";
import type { MinerResponse } from "./miner.js";

/** A JSON answer. */
export function jsonResponse(value: unknown): MinerResponse {
  return rawJsonResponse(JSON.stringify(value));
}

/** An answer to whoever watches the miner: 200 or 503, and nothing else. */
export function healthResponse(isGood: boolean): MinerResponse {
  return { status: isGood ? 200 : 503, headers: { "cache-control": "no-store" }, body: "" };
}

/** An answer whose JSON text is ready. */
export function rawJsonResponse(body: string): MinerResponse {
  return { status: 200, headers: { "content-type": "application/json" }, body };
}

/** What an error answer may carry besides its message. */
export type ErrorDetails = {
  /** The offending field. */
  readonly param?: string;
  /** Rounded up to whole seconds, at least one, at most an hour. */
  readonly retryAfterMs?: number;
};

/** An error answer in OpenAI's shape. */
export function errorResponse(code: WireErrorCode, message: string, details: ErrorDetails = {}): MinerResponse {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (details.retryAfterMs !== undefined) {
    headers["retry-after"] = String(Math.min(3600, Math.max(1, Math.ceil(details.retryAfterMs / 1000))));
  }
  return { status: wireErrorStatus(code), headers, body: JSON.stringify(createWireError(code, message.slice(0, 4096), details.param)) };
}
