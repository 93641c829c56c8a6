import { z } from "zod";
import { ChainError } from "../errors/chain-error.js";
import { poolRejection } from "../errors/rejection.js";
import type { BlockRef } from "../port.js";
import { abortable } from "../rpc/abortable.js";
import { nodeErrorOf } from "../rpc/rpc-error.js";
import { blockOfHeader } from "../runtime/block-of-header.js";
import { findInBlock } from "./find-in-block.js";
import { ERA_PERIOD_BLOCKS, type SignedExtrinsic } from "./sign-extrinsic.js";
import type { Submitter } from "./submitter.js";

const statusSchema = z.union([
  z.string().transform((kind) => ({ kind: kind.toLowerCase(), hash: null })),
  z.record(z.string(), z.unknown()).transform((status) => {
    const [kind = "", value] = Object.entries(status)[0] ?? [];
    return { kind: kind.toLowerCase(), hash: typeof value === "string" ? value : null };
  }),
]);

type Watch = {
  readonly signed: SignedExtrinsic;
  readonly signal: AbortSignal | undefined;
  readonly call: string;
  /** Newest block before it was sent: later ones are searched. */
  readonly fromBlockNumber: number;
};

/** The same bytes may be sent to several nodes: only one copy can get into a block. */
const MAX_SENDS = 3;

/**
 * Sends an extrinsic. Resolves when the pool has taken it, with a promise of its block in an object (a promise cannot hold a promise).
 *
 * The block comes from the node's own status. Besides, new blocks are searched for the extrinsic all along: the status is lost with its
 * connection, a node that is restarted never reports again, and one whose notifications stopped says nothing of a call that is in a block.
 *
 * @throws The node's own error when the pool refuses. The block's promise rejects with `CHAIN_TIMEOUT` or `CHAIN_REJECTED`.
 */
export async function watchExtrinsic(submitter: Submitter, watch: Watch): Promise<{ readonly block: Promise<BlockRef> }> {
  const events = createEvents();
  const search = createBlockSearch(submitter, watch);
  const look = () => void search().then((found) => found !== null && events.resolve(found));
  const timer = setInterval(look, submitter.inclusionPollMs);
  // Blocks are watched before sending: the extrinsic may be in the very next one.
  const stops = [
    () => clearInterval(timer),
    submitter.watchBlocks(() => {
      if (events.isConnectionLost) look();
    }),
    submitter.watchResets(() => events.reject(timeout(watch, "the chain was started anew"))),
  ];
  const finish = () => {
    for (const stop of stops) stop();
  };
  try {
    stops.push(await send(submitter, watch, events));
  } catch (error) {
    finish();
    throw error;
  }
  const block = abortable(events.block, {
    signal: watch.signal,
    timeoutMs: submitter.inclusionTimeoutMs,
    onTimeout: () => timeout(watch, `it was in no block within ${Math.round(submitter.inclusionTimeoutMs / 1000)} s`),
  }).finally(finish);
  block.catch(() => undefined);
  return { block };
}

/** Hands the extrinsic to a node; where the connection is lost meanwhile, to the next one. Resolves with what ends the node's reports. */
async function send(submitter: Submitter, watch: Watch, events: Events): Promise<() => void> {
  for (let attempt = 1; ; attempt += 1) {
    const socket = await submitter.socket(watch.signal).catch((error: unknown) => {
      throw attempt === 1 ? error : timeout(watch, "the connection was lost while it was sent");
    });
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
      const end = await abortable(subscribed, { signal: watch.signal });
      void socket.closed.then(() => {
        events.isConnectionLost = true;
      });
      return end;
    } catch (error) {
      watch.signal?.throwIfAborted();
      const nodeError = nodeErrorOf(error);
      if (nodeError !== null) {
        // Sent a second time, this says that the first time was heard: it waits in the pool or is in a block.
        const isThere = poolRejection(nodeError, { call: watch.call }).chainName;
        if (isThere !== "AlreadyImported" && !(attempt > 1 && isThere === "TransactionStale")) throw error;
        events.isConnectionLost = true;
        return () => undefined;
      }
      if (attempt === MAX_SENDS) throw timeout(watch, "the connection was lost while it was sent");
      await socket.closed;
    }
  }
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

/** Blocks behind the head that are looked at again: a reorganisation may have put the extrinsic into another one. */
const LOOK_BACK_BLOCKS = 3;

/** A search of the blocks since the extrinsic was sent, each block once; null where it is in none. Failures are left to the next search. */
function createBlockSearch(submitter: Submitter, watch: Watch): () => Promise<BlockRef | null> {
  const { signed, signal } = watch;
  const searched = new Set<string>();
  let nextNumber = watch.fromBlockNumber + 1;
  let isSearching = false;

  async function searchOnce(): Promise<BlockRef | null> {
    const head = blockOfHeader(await submitter.runtime(signal), await submitter.request("chain_getHeader", [], signal));
    for (let number = Math.max(nextNumber, head.number - ERA_PERIOD_BLOCKS); number <= head.number; number += 1) {
      const asked = number === head.number ? head.hash : await submitter.request("chain_getBlockHash", [number], signal);
      if (typeof asked !== "string" || searched.has(asked)) continue;
      if ((await findInBlock(submitter, { blockHash: asked, signed, signal })) !== null) return { number, hash: asked };
      searched.add(asked);
    }
    nextNumber = Math.max(nextNumber, head.number - LOOK_BACK_BLOCKS);
    return null;
  }

  return async () => {
    if (isSearching) return null;
    isSearching = true;
    try {
      return await searchOnce();
    } catch {
      return null;
    } finally {
      isSearching = false;
    }
  };
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
