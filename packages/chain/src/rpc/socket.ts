/** One connection to one node. It does not come back once it is closed. */
export type Socket = {
  readonly url: string;
  /** Rejects with the node's own error (see {@link nodeErrorOf}), or with a {@link LostConnectionError}. */
  send(method: string, params: readonly unknown[]): Promise<unknown>;
  /** Resolves with a function that ends the subscription. */
  subscribe(subscription: Subscription, listener: (message: unknown) => void): Promise<() => void>;
  /** Resolves with the reason when the connection is gone. */
  readonly closed: Promise<CloseReason>;
  close(reason?: CloseReason): void;
};

/** Why a connection ended; written to the log. */
export type CloseReason = {
  readonly kind: "closed" | "silent" | "unanswered" | "rate-limited" | "malformed" | "stuck" | "behind" | "client-closed";
  readonly detail: string;
};

/** A JSON-RPC subscription. */
export type Subscription = {
  /** Name of the notification, such as `chain_newHead`. */
  readonly notification: string;
  readonly method: string;
  readonly unsubscribeMethod: string;
  readonly params: readonly unknown[];
};

/** How long a connection may be silent. */
export type SocketLimits = {
  /** One attempt to connect. */
  readonly connectTimeoutMs: number;
  /** One answer. A node that owes one for longer is left, whatever else it says. */
  readonly answerTimeoutMs: number;
  /** Pause between pings. A node that says nothing, not even a pong, from one to the next is left. */
  readonly pingIntervalMs: number;
};

/** Opens a connection. Rejects when the node does not answer in time, or the signal aborts before it has. */
export type OpenSocket = (url: string, limits: SocketLimits, signal?: AbortSignal) => Promise<Socket>;

/** The connection ended before the node answered; the request may be asked of another node. */
export class LostConnectionError extends Error {
  override readonly name = "LostConnectionError";

  constructor(readonly reason: CloseReason) {
    super(`The connection ended: ${reason.detail}`);
  }
}
