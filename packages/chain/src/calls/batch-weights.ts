import type { ChainError } from "../errors/chain-error.js";
import { rejectionError } from "../errors/rejection.js";
import type { ChainSigner, Inclusion, WeightU16 } from "../port.js";
import { dispatchErrorName } from "../submit/dispatch-error.js";
import { submit } from "../submit/submit.js";
import type { Submitter } from "../submit/submitter.js";
import { SUBTENSOR } from "./call-context.js";

/** Weights for several subnets in one extrinsic. */
export type BatchSetWeightsRequest = {
  readonly items: readonly { readonly netuid: number; readonly weights: readonly WeightU16[]; readonly versionKey: bigint }[];
  readonly signer: ChainSigner;
};

/** What became of a batch: it never fails as a whole, its items do. `failures` in the order of the chain's events. */
export type BatchSetWeightsResult = Inclusion & { readonly failures: readonly ChainError[] };

/** Sets plain weights on several subnets (commit-reveal off) at once. */
export async function batchSetWeights(
  submitter: Submitter,
  request: BatchSetWeightsRequest,
  signal: AbortSignal | undefined,
): Promise<BatchSetWeightsResult> {
  const { events, ...inclusion } = await submit(submitter, {
    pallet: SUBTENSOR,
    name: "batch_set_weights",
    args: {
      netuids: request.items.map((item) => item.netuid),
      weights: request.items.map((item) => item.weights.map((weight) => [weight.uid, weight.weightU16])),
      version_keys: request.items.map((item) => item.versionKey),
    },
    signer: request.signer,
    signal,
  });
  const runtime = await submitter.runtime(signal);
  const failures = events
    .filter((event) => event.name === "BatchWeightItemFailed")
    .map((event) => rejectionError(dispatchErrorName(event.data.at(-1), runtime), { call: `${SUBTENSOR}.batch_set_weights` }));
  return { ...inclusion, failures };
}
