import { pause } from "./abortable.js";
import type { ChainLogger } from "./chain-logger.js";
import { nodeErrorOf } from "./rpc-error.js";
import type { Socket, Subscription } from "./socket.js";

/** A subscription that is to last, on whichever connection there is. */
export type Follow = { start(socket: Socket): void; stop(): void };

const MAX_RETRY_DELAY_MS = 15_000;

/** Keeps a subscription on every connection it is started on: where the node refuses it, it is asked for again while the connection lasts. */
export function followOn(
  subscription: Subscription,
  listener: (message: unknown) => void,
  options: { readonly logger: ChainLogger; readonly retryDelayMs: number; readonly stopped: AbortSignal },
): Follow {
  const { logger, retryDelayMs } = options;
  const ending = new AbortController();
  const stopped = AbortSignal.any([ending.signal, options.stopped]);
  let unsubscribe: (() => void) | null = null;

  async function subscribe(socket: Socket): Promise<void> {
    let isOpen = true;
    void socket.closed.then(() => {
      isOpen = false;
    });
    for (let delayMs = retryDelayMs; isOpen && !stopped.aborted; delayMs = Math.min(delayMs * 2, MAX_RETRY_DELAY_MS)) {
      try {
        const end = await socket.subscribe(subscription, (message) => stopped.aborted || listener(message));
        unsubscribe = end;
        if (stopped.aborted) end();
        return;
      } catch (error) {
        if (nodeErrorOf(error) === null) return;
        logger.warn("The node refused a subscription; asked again", { method: subscription.method, reason: String(error) });
        await pause(delayMs, stopped);
      }
    }
  }

  return {
    start: (socket) => void subscribe(socket),
    stop() {
      ending.abort();
      unsubscribe?.();
    },
  };
}
