import { z } from "zod";
import type { SetWeightsRequest, SetWeightsResult } from "../port.js";
import { readBlockTime } from "../reads/read-block-time.js";
import { readHyperparameters } from "../reads/read-hyperparameters.js";
import { readMetagraph } from "../reads/read-metagraph.js";
import { readStorage } from "../reads/reader.js";
import { integerSchema } from "../runtime/chain-json.js";
import { submit } from "../submit/submit.js";
import type { Submitter } from "../submit/submitter.js";
import { mechanismStorageIndex } from "../timelock/commit-hash.js";
import { chooseCall, SUBTENSOR } from "./call-context.js";
import { commitTimelockedWeights } from "./commit-timelocked.js";
import { checkSetWeights } from "./plan-set-weights.js";

/** {@link SetWeightsRequest} with an incentive mechanism other than the first. */
export type SetMechanismWeightsRequest = SetWeightsRequest & { readonly mechanismId?: number };

/**
 * Sets weights the way the subnet asks for: as a timelocked commit where commit-reveal is on, plainly otherwise. What the chain would
 * refuse is refused here first, with nothing sent.
 */
export async function setWeights(
  submitter: Submitter,
  request: SetMechanismWeightsRequest,
  signal: AbortSignal | undefined,
): Promise<SetWeightsResult> {
  const mechanismId = request.mechanismId ?? 0;
  const read = async () => {
    const [metagraph, hyperparameters, blockTime, [lastUpdates]] = await Promise.all([
      readMetagraph(submitter, request.netuid, { signal }),
      readHyperparameters(submitter, request.netuid, { signal }),
      readBlockTime(submitter, { signal }),
      readStorage(submitter, [{ pallet: SUBTENSOR, item: "LastUpdate", args: [mechanismStorageIndex(request.netuid, mechanismId)] }], {
        signal,
      }),
    ]);
    const uid = metagraph.neurons.findIndex((neuron) => neuron.hotkey === request.signer.address);
    const lastUpdateBlock = z.array(integerSchema).parse(lastUpdates ?? [])[uid] ?? 0;
    return { metagraph, hyperparameters, blockTime, lastUpdateBlock };
  };
  const { blockTime, ...facts } = await read();
  const isCommit = facts.hyperparameters.isCommitRevealEnabled;
  checkSetWeights({
    ...facts,
    call: isCommit ? "timelocked weights" : "weights",
    hotkey: request.signer.address,
    weights: request.weights,
    versionKey: request.versionKey,
    blockSeconds: blockTime.blockSeconds,
  });
  if (isCommit)
    return commitTimelockedWeights(
      submitter,
      { ...request, mechanismId, revealPeriodEpochs: facts.hyperparameters.revealPeriodEpochs, blockTime },
      signal,
    );
  const name = await chooseCall(submitter, mechanismId === 0 ? ["set_weights"] : ["set_mechanism_weights"], { signal });
  const { events: _events, ...inclusion } = await submit(submitter, {
    pallet: SUBTENSOR,
    name,
    args: {
      netuid: request.netuid,
      mecid: mechanismId,
      dests: request.weights.map((weight) => weight.uid),
      weights: request.weights.map((weight) => weight.weightU16),
      version_key: request.versionKey,
    },
    signer: request.signer,
    signal,
  });
  return { kind: "set", ...inclusion };
}
