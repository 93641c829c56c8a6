import { openWebSocket } from "../src/rpc/open-web-socket.js";
import type { Socket } from "../src/rpc/socket.js";

/** A connection of a test's own to a node; patient, because real runtimes in an interpreter are slow. */
export function openTestSocket(url: string): Promise<Socket> {
  return openWebSocket(url, { connectTimeoutMs: 10_000, answerTimeoutMs: 60_000, pingIntervalMs: 60_000 });
}
