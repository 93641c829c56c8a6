import { epistulaHeaders, sessionHeaders } from "@vision/protocol";
import type { IncomingHeaders } from "./sign-request.js";

const LENGTH = 16;

/**
 * What both ends may call one authenticated request in their logs: the first 16 hex digits of its MAC, or of its signature. Nothing is sent
 * for it, it looks the same whatever the request is for, and it opens nothing: a MAC counts once.
 *
 * @param headers - Of a request that has been verified, or has just been signed.
 * @returns null for a request with neither.
 */
export function nameRequest(headers: IncomingHeaders): string | null {
  const mac = headers[sessionHeaders.mac];
  if (typeof mac === "string") return mac.slice(0, LENGTH);
  const signature = headers[epistulaHeaders.signature];
  return typeof signature === "string" ? signature.slice(2, 2 + LENGTH).toLowerCase() : null;
}
