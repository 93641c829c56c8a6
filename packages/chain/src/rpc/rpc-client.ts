import { ChainError } from "../errors/chain-error.js";
import { describeEndpoint } from "../networks.js";
import { abortable, pause } from "./abortable.js";
import type { ChainLogger } from "./chain-logger.js";
import { createEndpointList } from "./endpoint-list.js";
import { type Follow, followOn } from "./follow.js";
import { nodeErrorOf } from "./rpc-error.js";
import { type CloseReason, LostConnectionError, type OpenSocket, type Socket, type SocketLimits, type Subscription } from "./socket.js";

/** How a {@link createRpcClient} behaves. */
export type RpcClientOptions = SocketLimits & {
  /** Tried in order, again and again. */
  readonly endpoints: readonly string[];
  /** One request, all its attempts and waiting for connections included. */
  readonly requestTimeoutMs: number;
  /** First pause after every endpoint failed; doubles up to 15 s. */
  readonly retryDelayMs: number;
  /** How long an endpoint is left alone whose rate limit was reached. */
  readonly rateLimitPauseMs: number;
};

/** What a look at a fresh connection found. */
export type Greeting = {
  /** False: its head is old by the clock. It is used only where no other endpoint has a newer one. */
  readonly isFresh: boolean;
  readonly headNumber: number;
};

/** What the client talks to the network and to its operator through. */
export type RpcClientDependencies = {
  readonly openSocket: OpenSocket;
  readonly logger: ChainLogger;
  /** Looks at a fresh connection before anything else uses it. Throwing refuses the endpoint. */
  readonly handshake: (socket: Socket) => Promise<Greeting>;
};

/** JSON-RPC over several endpoints: whichever answers, with reconnecting and lasting subscriptions. */
export type RpcClient = {
  /**
   * The node's result. Requests only read, so one that was cut off is asked again on the next connection.
   *
   * @throws {@link ChainError} `CHAIN_UNREACHABLE` when no endpoint answered in time; the node's own error as it came.
   */
  request(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<unknown>;
  /** Subscribes now and after every reconnect, until stopped; where a node refuses, again after a pause. */
  follow(subscription: Subscription, listener: (message: unknown) => void): () => void;
  /** The connection of this moment, for things that must not move to another. */
  socket(signal?: AbortSignal): Promise<Socket>;
  /** The endpoint that is connected, without credentials; null when there is none. */
  endpoint(): string | null;
  /** Ends the connection of this moment; the next endpoint takes over. */
  leave(reason: CloseReason): void;
  close(): void;
};

type Attempt = Greeting & { readonly socket: Socket };

/** A connection that lasts for less counts as a failed attempt, so that an endpoint that greets and hangs up is not called in a circle. */
const SHORT_SESSION_MS = 5_000;

/** Starts connecting at once. */
export function createRpcClient(options: RpcClientOptions, dependencies: RpcClientDependencies): RpcClient {
  const { logger } = dependencies;
  const stopped = new AbortController();
  const followers = new Set<Follow>();
  const endpoints = createEndpointList(options);
  let waiting = deferred<Socket>();
  let current: Socket | null = null;
  let isOutageTold = false;
  let lastReason = "no attempt was finished";

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      const socket = await connectRound();
      if (socket === null) {
        await pause(endpoints.nextPauseMs(), stopped.signal);
        continue;
      }
      const endpoint = describeEndpoint(socket.url);
      const sinceMs = performance.now();
      isOutageTold = false;
      logger.info("Connected to the chain", { endpoint });
      current = socket;
      waiting.resolve(socket);
      for (const follower of followers) follower.start(socket);
      const reason = await Promise.race([socket.closed, aborted(stopped.signal)]);
      drop(socket);
      if (reason === null) {
        socket.close();
        break;
      }
      lastReason = reason.detail;
      logger.warn("Lost the connection to the chain", { endpoint, kind: reason.kind, reason: reason.detail });
      endpoints.noteLeft(socket.url, { isRateLimited: reason.kind === "rate-limited" });
      if (performance.now() - sinceMs < SHORT_SESSION_MS) await pause(endpoints.nextPauseMs(), stopped.signal);
      else endpoints.noteWorked();
    }
    waiting.reject(closedError());
  }

  /** From now on whoever needs a connection waits for the next one. */
  function drop(socket: Socket): void {
    if (current !== socket) return;
    current = null;
    waiting = deferred<Socket>();
  }

  /** One attempt at every endpoint that is not to be left alone. */
  async function connectRound(): Promise<Socket | null> {
    let stale: Attempt | null = null;
    for (const url of endpoints.inOrder()) {
      if (stopped.signal.aborted) break;
      const attempt = await connect(url);
      if (attempt === null) continue;
      if (attempt.isFresh) {
        stale?.socket.close();
        return attempt.socket;
      }
      const isBetter = stale === null || attempt.headNumber > stale.headNumber;
      (isBetter ? stale : attempt)?.socket.close();
      if (isBetter) stale = attempt;
    }
    if (stopped.signal.aborted) stale?.socket.close();
    else if (stale !== null) {
      logger.info("No chain endpoint has a head of these minutes; the newest is used", { headNumber: stale.headNumber });
      return stale.socket;
    } else if (!isOutageTold) {
      isOutageTold = true;
      logger.warn("No chain endpoint answers", { endpoints: options.endpoints.map(describeEndpoint) });
    }
    return null;
  }

  async function connect(url: string): Promise<Attempt | null> {
    let socket: Socket | null = null;
    try {
      socket = await dependencies.openSocket(url, options, stopped.signal);
      const greeting = await abortable(dependencies.handshake(socket), { signal: stopped.signal, timeoutMs: options.requestTimeoutMs });
      return { ...greeting, socket };
    } catch (error) {
      socket?.close();
      if (stopped.signal.aborted) return null;
      lastReason = error instanceof Error ? error.message : String(error);
      endpoints.noteLeft(url, { isRateLimited: error instanceof LostConnectionError && error.reason.kind === "rate-limited" });
      // An outage of hours must not fill the log: each reason is told once as a warning, then at debug.
      logger[endpoints.isNewReason(url, lastReason) ? "warn" : "debug"]("A chain endpoint is not used", {
        endpoint: describeEndpoint(url),
        reason: lastReason,
      });
      return null;
    }
  }

  const unreachable = () =>
    new ChainError({
      code: "CHAIN_UNREACHABLE",
      message: `No chain endpoint answers: ${options.endpoints.map(describeEndpoint).join(", ")}. Last reason: ${lastReason}`,
      hint: "Check the endpoints and that a node runs there.",
      isRetryable: true,
    });

  async function socketOf(signal: AbortSignal | undefined, timeoutMs: number): Promise<Socket> {
    if (stopped.signal.aborted) throw closedError();
    return current ?? (await abortable(waiting.promise, { signal, timeoutMs, onTimeout: unreachable }));
  }

  run().catch((error: unknown) => logger.warn("The chain connection stopped", { reason: String(error) }));

  return {
    socket: (signal) => socketOf(signal, options.requestTimeoutMs),
    endpoint: () => (current === null ? null : describeEndpoint(current.url)),
    leave: (reason) => current?.close(reason),
    async request(method, params, signal) {
      const deadlineMs = performance.now() + options.requestTimeoutMs;
      const leftMs = () => Math.max(1, deadlineMs - performance.now());
      for (;;) {
        const socket = await socketOf(signal, leftMs());
        try {
          return await abortable(socket.send(method, params), { signal, timeoutMs: leftMs(), onTimeout: unreachable });
        } catch (error) {
          signal?.throwIfAborted();
          if (stopped.signal.aborted) throw closedError();
          if (nodeErrorOf(error) !== null || !(error instanceof LostConnectionError)) throw error;
          if (performance.now() >= deadlineMs) throw unreachable();
          drop(socket);
        }
      }
    },
    follow(subscription, listener) {
      const follower = followOn(subscription, listener, { logger, retryDelayMs: options.retryDelayMs, stopped: stopped.signal });
      followers.add(follower);
      if (current !== null) follower.start(current);
      return () => {
        followers.delete(follower);
        follower.stop();
      };
    },
    close() {
      stopped.abort();
      current?.close();
      // Whoever waits for a connection waits in vain.
      waiting.reject(closedError());
    },
  };
}

function closedError(): ChainError {
  return new ChainError({ code: "CHAIN_UNREACHABLE", message: "The chain client was closed." });
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}

type Deferred<T> = { readonly promise: Promise<T>; resolve(value: T): void; reject(error: unknown): void };

/** A promise that may reject without anybody waiting for it. */
function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
