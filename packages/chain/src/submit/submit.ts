import { z } from "zod";
import { ChainError } from "../errors/chain-error.js";
import { poolRejection, rejectionError } from "../errors/rejection.js";
import type { BlockRef, ChainSigner, Inclusion } from "../port.js";
import { pause } from "../rpc/abortable.js";
import { METHOD_NOT_FOUND, nodeErrorOf } from "../rpc/rpc-error.js";
import { blockOfHeader } from "../runtime/block-of-header.js";
import { integerSchema } from "../runtime/chain-json.js";
import type { ChainEvent } from "../runtime/events.js";
import { dispatchErrorName } from "./dispatch-error.js";
import { findInBlock } from "./find-in-block.js";
import { type SignedExtrinsic, signExtrinsic } from "./sign-extrinsic.js";
import type { Submitter } from "./submitter.js";
import { watchExtrinsic } from "./watch-extrinsic.js";

/** A call to be sent. */
export type Submission = {
  readonly pallet: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly signer: ChainSigner;
  readonly signal?: AbortSignal | undefined;
  /** Blocks until the rate limit of this call is over; asked only when the chain refused because of it. */
  readonly retryAfterBlocks?: () => Promise<number | null>;
};

/** Where a call ended up and what it caused. */
export type Submitted = Inclusion & { readonly events: readonly ChainEvent[] };

/** The finalised head may lag this far behind before an era starts at the best head instead. */
const MAX_FINALITY_LAG_BLOCKS = 32;

/**
 * Signs a call, sends it and waits until it is in a block.
 *
 * @throws {@link ChainError} `CHAIN_REJECTED` when pool or runtime refuse, `CHAIN_TIMEOUT` when it is in no block in time,
 * `CHAIN_UNSUPPORTED` when the runtime has no such call, `CHAIN_UNREACHABLE`.
 */
export async function submit(submitter: Submitter, submission: Submission): Promise<Submitted> {
  const call = `${submission.pallet}.${submission.name}`;
  try {
    const { signed, block } = await send(submitter, submission, call);
    return await readOutcome(submitter, { block: await block, signed, call, signal: submission.signal });
  } catch (error) {
    const name = ChainError.isInstance(error) ? error.chainName : null;
    if (name === null || submission.retryAfterBlocks === undefined || !ChainError.isInstance(error) || !error.isRetryable) throw error;
    const retryAfterBlocks = await submission.retryAfterBlocks().catch(() => null);
    throw rejectionError(name, { call, retryAfterBlocks, cause: error.cause });
  }
}

/** One extrinsic of a signer at a time is numbered and sent; waiting for its block is not part of the turn. */
async function send(
  submitter: Submitter,
  submission: Submission,
  call: string,
): Promise<{ readonly signed: SignedExtrinsic; readonly block: Promise<BlockRef> }> {
  return submitter.inTurn(submission.signer.address, async () => {
    const deadlineMs = performance.now() + submitter.inclusionTimeoutMs;
    let hasSignedAnew = false;
    for (;;) {
      const { signed, headNumber } = await sign(submitter, submission, call);
      try {
        const { block } = await watchExtrinsic(submitter, { signed, signal: submission.signal, call, fromBlockNumber: headNumber });
        return { signed, block };
      } catch (error) {
        const nodeError = nodeErrorOf(error);
        if (nodeError === null) throw error;
        const rejection = poolRejection(nodeError, { call });
        // Another call of this signer waits in the pool under the same number; the next block settles it.
        if (rejection.chainName === "TransactionPriorityTooLow" && performance.now() < deadlineMs) {
          await nextBlock(submitter, submission.signal);
          continue;
        }
        // A runtime upgrade between signing and sending makes the signature invalid; so does a nonce that was used meanwhile.
        const isStale =
          rejection.chainName === "BadProof" || rejection.chainName === "TransactionStale" || rejection.chainName === "AncientBirthBlock";
        if (!isStale || hasSignedAnew) throw rejection;
        hasSignedAnew = true;
        const hasChanged = await submitter.refreshRuntime();
        if (rejection.chainName === "BadProof" && !hasChanged) throw rejection;
      }
    }
  });
}

/** Resolves with the next block, or after a while where none is told. */
async function nextBlock(submitter: Submitter, signal: AbortSignal | undefined): Promise<void> {
  const stopped = new AbortController();
  const stop = submitter.watchBlocks(() => stopped.abort());
  await pause(submitter.inclusionPollMs, signal === undefined ? stopped.signal : AbortSignal.any([stopped.signal, signal]));
  stop();
  signal?.throwIfAborted();
}

async function sign(
  submitter: Submitter,
  submission: Submission,
  call: string,
): Promise<{ readonly signed: SignedExtrinsic; readonly headNumber: number }> {
  const runtime = await submitter.runtime(submission.signal);
  const bytes = runtime.call(submission.pallet, submission.name, submission.args);
  if (bytes === null) {
    throw new ChainError({
      code: "CHAIN_UNSUPPORTED",
      message: `The connected runtime has no call ${call}.`,
      facts: { call, specName: runtime.version.specName, specVersion: runtime.version.specVersion },
    });
  }
  const [nonce, { eraBlock, headNumber }] = await Promise.all([
    readNonce(submitter, submission),
    readEraBlock(submitter, submission.signal),
  ]);
  return { signed: await signExtrinsic(runtime, bytes, { nonce, eraBlock, signer: submission.signer }), headNumber };
}

async function readNonce(submitter: Submitter, { signer, signal }: Submission): Promise<number> {
  try {
    return integerSchema.parse(await submitter.request("system_accountNextIndex", [signer.address], signal));
  } catch (error) {
    if (nodeErrorOf(error)?.code !== METHOD_NOT_FOUND) throw error;
    const runtime = await submitter.runtime(signal);
    const item = runtime.storage("System", "Account");
    if (item === null) throw error;
    const value = z
      .string()
      .nullable()
      .parse(await submitter.request("state_getStorage", [item.key([signer.address])], signal));
    return z.object({ nonce: z.number() }).parse(item.decode(value)).nonce;
  }
}

async function readEraBlock(
  submitter: Submitter,
  signal: AbortSignal | undefined,
): Promise<{ readonly eraBlock: BlockRef; readonly headNumber: number }> {
  const runtime = await submitter.runtime(signal);
  const best = blockOfHeader(runtime, await submitter.request("chain_getHeader", [], signal));
  const finalizedHash = await submitter.request("chain_getFinalizedHead", [], signal);
  const finalized = blockOfHeader(runtime, await submitter.request("chain_getHeader", [finalizedHash], signal));
  const isLagging = best.number - finalized.number > MAX_FINALITY_LAG_BLOCKS;
  return { eraBlock: isLagging ? best : finalized, headNumber: best.number };
}

async function readOutcome(
  submitter: Submitter,
  {
    block,
    signed,
    call,
    signal,
  }: { readonly block: BlockRef; readonly signed: SignedExtrinsic; readonly call: string; readonly signal: AbortSignal | undefined },
): Promise<Submitted> {
  const found = await findInBlock(submitter, { blockHash: block.hash, signed, signal });
  if (found === null) {
    throw new ChainError({
      code: "CHAIN_TIMEOUT",
      message: `The block said to hold ${call} does not.`,
      isRetryable: true,
      facts: { ...block },
    });
  }
  const failure = found.events.find((event) => event.pallet === "system" && event.name === "ExtrinsicFailed");
  if (failure !== undefined) throw rejectionError(dispatchErrorName(failure.data[0], await submitter.runtime(signal)), { call });
  return { blockNumber: found.blockNumber, blockHash: block.hash, extrinsicHash: signed.hash, events: found.events };
}
