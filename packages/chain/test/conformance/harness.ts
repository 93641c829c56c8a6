import { loadRuntime } from "../../src/runtime/load-runtime.js";
import type { Runtime } from "../../src/runtime/runtime.js";
import { openTestSocket } from "../open-test-socket.js";

/** A chain that the conformance suite runs against. */
export type ChainHarness = {
  readonly url: string;
  /** JSON-RPC, `dev_*` methods included. */
  send(method: string, params: readonly unknown[]): Promise<unknown>;
  readonly runtime: Runtime;
  /** Makes blocks. */
  newBlocks(count: number): Promise<void>;
  /** Writes one storage item. `hex` is the SCALE value. */
  setStorage(pallet: string, item: string, args: readonly unknown[], hex: string): Promise<void>;
  /** Publishes the beacon's pulse of a round. Absent where the chain's beacon publishes by itself. */
  readonly publishPulse: ((round: number) => Promise<void>) | null;
  close(): Promise<void>;
};

/** Why a harness cannot be made here, or how to make it. */
export type HarnessSource = { readonly name: string } & (
  | { readonly skippedBecause: string }
  | { readonly start: () => Promise<ChainHarness> }
);

/** The common part of the harnesses: a connection of its own and the runtime's storage keys. */
export async function createHarness(
  url: string,
  options: { readonly newBlocks: (send: ChainHarness["send"], count: number) => Promise<void>; readonly close: () => Promise<void> },
): Promise<ChainHarness> {
  const socket = await openTestSocket(url);
  const { send } = socket;
  const runtime = await loadRuntime(send);
  return {
    url,
    send,
    runtime,
    newBlocks: (count) => options.newBlocks(send, count),
    async setStorage(pallet, item, args, hex) {
      const key = runtime.storage(pallet, item)?.key(args);
      if (key === undefined) throw new Error(`The runtime has no ${pallet}.${item}.`);
      await send("dev_setStorage", [[[key, hex]]]);
    },
    publishPulse: null,
    async close() {
      socket.close();
      await options.close();
    },
  };
}
