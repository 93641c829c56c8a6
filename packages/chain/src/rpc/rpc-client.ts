import { ChainError } from "../errors/chain-error.js";
import { describeEndpoint } from "../networks.js";
import { abortable } from "./abortable.js";
import type { ChainLogger } from "./chain-logger.js";
import { nodeErrorOf } from "./rpc-error.js";
import type { OpenSocket, Socket, Subscription } from "./socket.js";

/** How a {@link createRpcClient} behaves. */
export type RpcClientOptions = {
  /** Tried in order, again and again. */
  readonly endpoints: readonly string[];
  /** One attempt to connect. */
  readonly connectTimeoutMs: number;
  /** One request, waiting for a connection included. */
  readonly requestTimeoutMs: number;
  /** First pause after every endpoint failed; doubles up to 15 s. */
  readonly retryDelayMs: number;
};

/** What the client talks to the network and to its operator through. */
export type RpcClientDependencies = {
  readonly openSocket: OpenSocket;
  readonly logger: ChainLogger;
  /** Looks at a fresh connection before anything else uses it. Throwing refuses the endpoint. */
  readonly handshake: (socket: Socket) => Promise<void>;
};

/** JSON-RPC over several endpoints: whichever answers, with reconnecting and lasting subscriptions. */
export type RpcClient = {
  /**
   * The node's result. Requests only read, so one that was cut off is asked again on the next connection.
   *
   * @throws {@link ChainError} `CHAIN_UNREACHABLE` when no endpoint answered in time; the node's own error as it came.
   */
  request(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<unknown>;
  /** Subscribes now and after every reconnect, until stopped. */
  follow(subscription: Subscription, listener: (message: unknown) => void): () => void;
  /** The connection of this moment, for things that must not move to another. */
  socket(signal?: AbortSignal): Promise<Socket>;
  /** Resolves with the first connection, rejects after the time. */
  close(): void;
};

const MAX_RETRY_DELAY_MS = 15_000;

/** Starts connecting at once. */
export function createRpcClient(options: RpcClientOptions, dependencies: RpcClientDependencies): RpcClient {
  const { logger } = dependencies;
  const stopped = new AbortController();
  const followers = new Set<(socket: Socket) => void>();
  let waiting = deferred<Socket>();
  waiting.promise.catch(() => undefined);
  let current: Socket | null = null;

  async function run(): Promise<void> {
    for (let failures = 0, index = 0; !stopped.signal.aborted; index = (index + 1) % options.endpoints.length) {
      const url = options.endpoints[index] ?? "";
      const endpoint = describeEndpoint(url);
      let socket: Socket | null = null;
      try {
        socket = await dependencies.openSocket(url, { timeoutMs: options.connectTimeoutMs, requestTimeoutMs: options.requestTimeoutMs });
        await abortable(dependencies.handshake(socket), { signal: stopped.signal, timeoutMs: options.requestTimeoutMs });
      } catch (error) {
        socket?.close();
        failures += 1;
        logger.debug("Chain endpoint failed", { endpoint, reason: error instanceof Error ? error.message : String(error) });
        if (failures % options.endpoints.length === 0) await pause(failures / options.endpoints.length);
        continue;
      }
      failures = 0;
      logger.info("Connected to the chain", { endpoint });
      current = socket;
      waiting.resolve(socket);
      for (const follow of followers) follow(socket);
      await Promise.race([socket.closed, aborted(stopped.signal)]);
      current = null;
      waiting = deferred<Socket>();
      waiting.promise.catch(() => undefined);
      if (stopped.signal.aborted) socket.close();
      else logger.warn("Lost the connection to the chain", { endpoint });
    }
    waiting.reject(closedError());
  }

  async function pause(round: number): Promise<void> {
    const delayMs = Math.min(options.retryDelayMs * 2 ** Math.min(round - 1, 8), MAX_RETRY_DELAY_MS);
    if (round === 1) logger.warn("No chain endpoint answers", { endpoints: options.endpoints.map(describeEndpoint) });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, delayMs);
      function done() {
        clearTimeout(timer);
        stopped.signal.removeEventListener("abort", done);
        resolve();
      }
      stopped.signal.addEventListener("abort", done, { once: true });
    });
  }

  const unreachable = () =>
    new ChainError({
      code: "CHAIN_UNREACHABLE",
      message: `No chain endpoint answers: ${options.endpoints.map(describeEndpoint).join(", ")}.`,
      hint: "Check the URL and that the node runs.",
      isRetryable: true,
    });

  async function socketOf(signal: AbortSignal | undefined, timeoutMs: number): Promise<Socket> {
    if (stopped.signal.aborted) throw closedError();
    return current ?? (await abortable(waiting.promise, { signal, timeoutMs, onTimeout: unreachable }));
  }

  run().catch((error: unknown) => logger.warn("The chain connection stopped", { reason: String(error) }));

  return {
    socket: (signal) => socketOf(signal, options.requestTimeoutMs),
    async request(method, params, signal) {
      const deadlineMs = performance.now() + options.requestTimeoutMs;
      for (;;) {
        const leftMs = Math.max(1, deadlineMs - performance.now());
        const socket = await socketOf(signal, leftMs);
        try {
          return await abortable(socket.send(method, params), {
            signal,
            timeoutMs: Math.max(1, deadlineMs - performance.now()),
            onTimeout: unreachable,
          });
        } catch (error) {
          signal?.throwIfAborted();
          if (stopped.signal.aborted) throw closedError();
          if (ChainError.isInstance(error) || nodeErrorOf(error) !== null || performance.now() >= deadlineMs) throw error;
          await abortable(socket.closed, { signal, timeoutMs: Math.max(1, deadlineMs - performance.now()), onTimeout: unreachable });
        }
      }
    },
    follow(subscription, listener) {
      let unsubscribe: (() => void) | null = null;
      let isStopped = false;
      const start = (socket: Socket) => {
        socket
          .subscribe(subscription, (message) => isStopped || listener(message))
          .then(
            (end) => {
              unsubscribe = end;
              if (isStopped) end();
            },
            (error: unknown) => logger.debug("A subscription failed", { method: subscription.method, reason: String(error) }),
          );
      };
      followers.add(start);
      if (current !== null) start(current);
      return () => {
        isStopped = true;
        followers.delete(start);
        unsubscribe?.();
      };
    },
    close() {
      stopped.abort();
      current?.close();
    },
  };
}

function closedError(): ChainError {
  return new ChainError({ code: "CHAIN_UNREACHABLE", message: "The chain client was closed." });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

type Deferred<T> = { readonly promise: Promise<T>; resolve(value: T): void; reject(error: unknown): void };

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
