import { WsProvider } from "@polkadot/rpc-provider/ws";

/** One connection to one node. It does not come back once it is closed. */
export type Socket = {
  readonly url: string;
  send(method: string, params: readonly unknown[]): Promise<unknown>;
  /** Resolves with a function that ends the subscription. */
  subscribe(subscription: Subscription, listener: (message: unknown) => void): Promise<() => void>;
  /** Resolves when the connection is gone, for whatever reason. */
  readonly closed: Promise<void>;
  close(): void;
};

/** A JSON-RPC subscription. */
export type Subscription = {
  /** Name of the notification, such as `chain_newHead`. */
  readonly notification: string;
  readonly method: string;
  readonly unsubscribeMethod: string;
  readonly params: readonly unknown[];
};

/** Opens a connection. Rejects when the node does not answer in time. */
export type OpenSocket = (url: string, options: { readonly timeoutMs: number; readonly requestTimeoutMs: number }) => Promise<Socket>;

/** {@link OpenSocket} over a WebSocket. The provider's own reconnecting is off: this package decides where to go next, and logs. */
export const openWebSocket: OpenSocket = async (url, { timeoutMs, requestTimeoutMs }) => {
  const provider = new WsProvider(url, false, {}, requestTimeoutMs, 0);
  const closed = new Promise<void>((resolve) => provider.on("disconnected", () => resolve()));
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      provider.on("connected", () => resolve());
      provider.on("disconnected", () => reject(new Error("The connection was closed.")));
      provider.on("error", () => reject(new Error("The connection failed.")));
      timer = setTimeout(() => reject(new Error(`No connection within ${timeoutMs} ms.`)), timeoutMs);
      provider.connect().catch(reject);
    });
  } catch (error) {
    await provider.disconnect().catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return {
    url,
    closed,
    send: (method, params) => provider.send(method, [...params]),
    async subscribe({ notification, method, unsubscribeMethod, params }, listener) {
      const id = await provider.subscribe(notification, method, [...params], (error: Error | null, message: unknown) => {
        if (error === null || error === undefined) listener(message);
      });
      return () => {
        provider.unsubscribe(notification, unsubscribeMethod, id).catch(() => undefined);
      };
    },
    close() {
      provider.disconnect().catch(() => undefined);
    },
  };
};
