import { WebSocket } from "ws";
import { z } from "zod";
import { NodeRefusal, RATE_LIMITED } from "./rpc-error.js";
import { type CloseReason, LostConnectionError, type OpenSocket, type Socket } from "./socket.js";

/** Subtensor's metadata is 0.4 MB as hex, a full metagraph below 2 MB. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

const errorSchema = z.object({ code: z.number(), message: z.string().catch(""), data: z.unknown().optional() });
const messageSchema = z.union([
  z.object({ id: z.number(), error: errorSchema }),
  z.object({ id: z.number(), result: z.unknown() }),
  z.object({ method: z.string(), params: z.object({ subscription: z.union([z.string(), z.number()]), result: z.unknown() }) }),
  // A notification of an error: the node ends the subscription with it; the watchers of blocks and extrinsics poll besides.
  z.object({ method: z.string(), params: z.object({ subscription: z.union([z.string(), z.number()]), error: z.unknown() }) }),
]);

/** Notifications that are kept for subscriptions whose answer has not come yet. */
const MAX_EARLY = 64;

/** A tick that is later than this many intervals tells of a standstill of this process. */
const LATE_FACTOR = 1.5;

/** Milliseconds that a node has to answer a goodbye before it is cut off: a program that is done must not be held by one that does not. */
const GOODBYE_MS = 500;

type Pending = { resolve(result: unknown): void; reject(error: Error): void; readonly timer: NodeJS.Timeout };

/**
 * {@link OpenSocket} over a WebSocket. It ends itself when the node owes an answer for too long, does not answer a ping, refuses for its
 * rate limit or says what is no JSON-RPC: whoever uses it is never left waiting.
 */
export const openWebSocket: OpenSocket = async (url, limits, signal) => {
  signal?.throwIfAborted();
  const webSocket = new WebSocket(url, {
    handshakeTimeout: limits.connectTimeoutMs,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  const pending = new Map<number, Pending>();
  const listeners = new Map<string, (message: unknown) => void>();
  /** Notifications may overtake the answer that names their subscription. */
  const early = new Map<string, unknown[]>();
  let earlyCount = 0;
  let subscribing = 0;
  let lastId = 0;
  let hasHeard = true;
  let ended: CloseReason | null = null;
  let onClosed: (reason: CloseReason) => void = () => undefined;
  const closed = new Promise<CloseReason>((resolve) => {
    onClosed = resolve;
  });

  let lastTickMs = performance.now();
  const pings = setInterval(() => {
    const sinceTickMs = performance.now() - lastTickMs;
    lastTickMs += sinceTickMs;
    if (webSocket.readyState !== WebSocket.OPEN) return;
    // A process that stood still itself has read nothing; that is not the node's silence.
    if (!hasHeard && sinceTickMs < limits.pingIntervalMs * LATE_FACTOR) {
      end({ kind: "silent", detail: `nothing was heard for ${limits.pingIntervalMs} ms, not even the answer to a ping` });
      return;
    }
    hasHeard = false;
    webSocket.ping();
  }, limits.pingIntervalMs);

  function end(reason: CloseReason): void {
    if (ended !== null) return;
    ended = reason;
    clearInterval(pings);
    for (const { reject, timer } of pending.values()) {
      clearTimeout(timer);
      reject(new LostConnectionError(reason));
    }
    pending.clear();
    listeners.clear();
    if (reason.kind === "client-closed") sayGoodbye();
    // A node that does not answer does not answer a goodbye either.
    else webSocket.terminate();
    onClosed(reason);
  }

  function sayGoodbye(): void {
    const timer = setTimeout(() => webSocket.terminate(), GOODBYE_MS);
    webSocket.once("close", () => clearTimeout(timer));
    webSocket.close();
  }

  function accept(text: string): void {
    hasHeard = true;
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      end({ kind: "malformed", detail: "it sent what is no JSON" });
      return;
    }
    const parsed = messageSchema.safeParse(json);
    if (!parsed.success) return;
    const message = parsed.data;
    if ("method" in message) {
      if ("error" in message.params) return;
      const id = String(message.params.subscription);
      const listener = listeners.get(id);
      if (listener !== undefined) listener(message.params.result);
      else if (subscribing > 0 && earlyCount < MAX_EARLY) {
        earlyCount += 1;
        early.set(id, [...(early.get(id) ?? []), message.params.result]);
      }
      return;
    }
    if ("error" in message && message.error.code === RATE_LIMITED) {
      end({ kind: "rate-limited", detail: `its rate limit is reached: ${message.error.message}` });
      return;
    }
    const request = pending.get(message.id);
    if (request === undefined) return;
    pending.delete(message.id);
    clearTimeout(request.timer);
    if ("error" in message) request.reject(new NodeRefusal({ data: undefined, ...message.error }));
    else request.resolve(message.result);
  }

  function send(method: string, params: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (ended !== null) return reject(new LostConnectionError(ended));
      lastId += 1;
      const id = lastId;
      const giveUp = () => {
        if (pending.has(id)) end({ kind: "unanswered", detail: `${method} got no answer within ${limits.answerTimeoutMs} ms` });
      };
      // What arrived while this process stood still is read first.
      const timer = setTimeout(() => setImmediate(giveUp), limits.answerTimeoutMs);
      pending.set(id, { resolve, reject, timer });
      webSocket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  webSocket.on("message", (data) => accept(data.toString()));
  webSocket.on("pong", () => {
    hasHeard = true;
  });
  webSocket.on("error", (error) => end(closeReasonOf(error)));
  webSocket.on("close", (code) => end({ kind: "closed", detail: `the node closed it (${code})` }));

  const opened = new Promise<void>((resolve) => webSocket.once("open", () => resolve()));
  const failed = closed.then((reason) => {
    throw new LostConnectionError(reason);
  });
  const onAbort = () => end({ kind: "client-closed", detail: "this side gave it up" });
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([opened, failed]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    failed.catch(() => undefined);
  }

  const socket: Socket = {
    url,
    closed,
    send,
    async subscribe({ method, unsubscribeMethod, params }, listener) {
      subscribing += 1;
      try {
        const id = String(await send(method, params));
        listeners.set(id, listener);
        for (const message of early.get(id) ?? []) listener(message);
        return () => {
          listeners.delete(id);
          if (ended === null) send(unsubscribeMethod, [id]).catch(() => undefined);
        };
      } finally {
        subscribing -= 1;
        if (subscribing === 0) {
          early.clear();
          earlyCount = 0;
        }
      }
    },
    close: (reason = { kind: "client-closed", detail: "this side closed it" }) => end(reason),
  };
  return socket;
};

/** HTTP 429 refuses the connection itself for the rate limit. */
function closeReasonOf(error: Error): CloseReason {
  return /\b429\b/.test(error.message)
    ? { kind: "rate-limited", detail: "it refused the connection with 429" }
    : { kind: "closed", detail: error.message };
}
