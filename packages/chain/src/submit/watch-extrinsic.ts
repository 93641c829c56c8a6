import { z } from "zod";
import { ChainError } from "../errors/chain-error.js";
import type { BlockRef } from "../port.js";
import { abortable } from "../rpc/abortable.js";
import { nodeErrorOf } from "../rpc/rpc-error.js";
import { findInBlock } from "./find-in-block.js";
import type { SignedExtrinsic } from "./sign-extrinsic.js";
import type { Submitter } from "./submitter.js";

const statusSchema = z.union([
  z.string().transform((kind) => ({ kind: kind.toLowerCase(), hash: null })),
  z.record(z.string(), z.unknown()).transform((status) => {
    const [kind = "", value] = Object.entries(status)[0] ?? [];
    return { kind: kind.toLowerCase(), hash: typeof value === "string" ? value : null };
  }),
]);

type Watch = { readonly signed: SignedExtrinsic; readonly signal: AbortSignal | undefined; readonly call: string };

/**
 * Sends an extrinsic. Resolves when the pool has taken it, with a promise of its block in an object (a promise cannot hold a promise).
 *
 * The block comes from the node's own status. Besides, every new block is searched for the extrinsic: the subscription is lost with
 * its connection, and a node that is restarted never reports again.
 *
 * @throws The node's own error when the pool refuses. The block's promise rejects with `CHAIN_TIMEOUT` or `CHAIN_REJECTED`.
 */
export async function watchExtrinsic(submitter: Submitter, watch: Watch): Promise<{ readonly block: Promise<BlockRef> }> {
  const socket = await submitter.socket(watch.signal);
  const events = createEvents();
  // Blocks are watched before sending: the extrinsic may be in the very next one.
  const stops = [
    submitter.watchBlocks((block) => {
      if (events.isConnectionLost) search(submitter, { ...watch, block, resolve: events.resolve });
    }),
    submitter.watchResets(() => events.reject(timeout(watch, "the chain was started anew"))),
  ];
  const finish = () => {
    for (const stop of stops) stop();
  };
  try {
    const subscribed = socket.subscribe(
      {
        notification: "author_extrinsicUpdate",
        method: "author_submitAndWatchExtrinsic",
        unsubscribeMethod: "author_unwatchExtrinsic",
        params: [watch.signed.hex],
      },
      (message) => onStatus(message, watch, events),
    );
    stops.push(await abortable(subscribed, { signal: watch.signal }));
  } catch (error) {
    finish();
    watch.signal?.throwIfAborted();
    if (nodeErrorOf(error) !== null) throw error;
    throw timeout(watch, "the connection was lost while it was sent");
  }
  void socket.closed.then(() => {
    events.isConnectionLost = true;
  });
  const block = abortable(events.block, {
    signal: watch.signal,
    timeoutMs: submitter.inclusionTimeoutMs,
    onTimeout: () => timeout(watch, `it was in no block within ${Math.round(submitter.inclusionTimeoutMs / 1000)} s`),
  }).finally(finish);
  block.catch(() => undefined);
  return { block };
}

type Events = {
  readonly block: Promise<BlockRef>;
  resolve(block: BlockRef): void;
  reject(error: Error): void;
  isConnectionLost: boolean;
};

function createEvents(): Events {
  let resolve: (block: BlockRef) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const block = new Promise<BlockRef>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  block.catch(() => undefined);
  return { block, resolve, reject, isConnectionLost: false };
}

function onStatus(message: unknown, watch: Watch, events: Events): void {
  const parsed = statusSchema.safeParse(message);
  if (!parsed.success) return;
  const { kind, hash } = parsed.data;
  if ((kind === "inblock" || kind === "finalized") && hash !== null) events.resolve({ number: 0, hash });
  if (kind === "invalid" || kind === "dropped" || kind === "usurped") {
    events.reject(
      new ChainError({
        code: "CHAIN_REJECTED",
        message: `The pool gave up on ${watch.call}: ${kind}.`,
        chainName: `Transaction${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
        isRetryable: true,
        facts: { call: watch.call, extrinsicHash: watch.signed.hash },
      }),
    );
  }
}

function search(submitter: Submitter, options: Watch & { readonly block: BlockRef; readonly resolve: (block: BlockRef) => void }): void {
  findInBlock(submitter, { blockHash: options.block.hash, signed: options.signed, signal: options.signal }).then(
    (found) => {
      if (found !== null) options.resolve(options.block);
    },
    // The next block is another chance; the time-out ends it.
    () => undefined,
  );
}

function timeout({ call, signed }: Watch, reason: string): ChainError {
  return new ChainError({
    code: "CHAIN_TIMEOUT",
    message: `${call} is not known to be in a block: ${reason}.`,
    hint: "Read the chain before sending it again: it may be in a block after all.",
    isRetryable: true,
    facts: { call, extrinsicHash: signed.hash },
  });
}
