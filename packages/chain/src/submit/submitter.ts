import type { BlockRef } from "../port.js";
import type { Reader } from "../reads/reader.js";
import type { Socket } from "../rpc/socket.js";

/** What sending needs from the connection. */
export type Submitter = Reader & {
  socket(signal?: AbortSignal): Promise<Socket>;
  watchBlocks(listener: (block: BlockRef) => void): () => void;
  /** Calls the listener when the chain was started anew; what was sent before is gone. */
  watchResets(listener: () => void): () => void;
  /** Loads the runtime again if it changed; true if it did. */
  refreshRuntime(): Promise<boolean>;
  /** Runs the action when no other one with this key runs. */
  inTurn<T>(key: string, action: () => Promise<T>): Promise<T>;
  readonly inclusionTimeoutMs: number;
  /** Pause between searches of the newest blocks for an extrinsic. */
  readonly inclusionPollMs: number;
};

/** A queue per key. */
export function createTurns(): Submitter["inTurn"] {
  const last = new Map<string, Promise<unknown>>();
  return (key, action) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(action, action);
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (last.get(key) === settled) last.delete(key);
      });
    last.set(key, settled);
    return turn;
  };
}
