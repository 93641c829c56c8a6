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
import { keepOwnedWeights } from "../weights/keep-owned-weights.js";
import { allDropped } from "./all-dropped.js";
import { chooseCall, SUBTENSOR } from "./call-context.js";
import { prepareTimelockedCommit } from "./commit-timelocked.js";
import { checkSetWeights, rateLimitWaitBlocks } from "./plan-set-weights.js";

/** {@link SetWeightsRequest} with an incentive mechanism other than the first. */
export type SetMechanismWeightsRequest = SetWeightsRequest & { readonly mechanismId?: number };

/**
 * Sets weights the way the subnet asks for: as a timelocked commit where commit-reveal is on, plainly otherwise. The metagraph is read
 * last: weights whose uid changed hands are left out, and without a metagraph nothing is sent. What the chain would refuse is refused
 * here first, with nothing sent.
 */
export async function setWeights(
  submitter: Submitter,
  request: SetMechanismWeightsRequest,
  signal: AbortSignal | undefined,
): Promise<SetWeightsResult> {
  const mechanismId = request.mechanismId ?? 0;
  const [hyperparameters, blockTime] = await Promise.all([
    readHyperparameters(submitter, request.netuid, { signal }),
    readBlockTime(submitter, { signal }),
  ]);
  const isCommit = hyperparameters.isCommitRevealEnabled;
  const commit = isCommit
    ? await prepareTimelockedCommit(submitter, { ...request, mechanismId, hyperparameters, blockTime }, signal)
    : null;
  const name =
    commit === null ? await chooseCall(submitter, [mechanismId === 0 ? "set_weights" : "set_mechanism_weights"], { signal }) : null;

  const lastUpdateItem = { pallet: SUBTENSOR, item: "LastUpdate", args: [mechanismStorageIndex(request.netuid, mechanismId)] };
  const readLast = async () => {
    const [metagraph, [lastUpdates]] = await Promise.all([
      readMetagraph(submitter, request.netuid, { signal }),
      readStorage(submitter, [lastUpdateItem], { signal }),
    ]);
    const uid = metagraph.neurons.findIndex((neuron) => neuron.hotkey === request.signer.address);
    return { metagraph, lastUpdateBlock: z.array(integerSchema).parse(lastUpdates ?? [])[uid] ?? 0, hyperparameters };
  };
  const facts = await readLast();
  const { kept, dropped } = keepOwnedWeights(request.weights, facts.metagraph);
  const weights = kept.map(({ uid, weightU16 }) => ({ uid, weightU16 }));
  if (kept.length === 0 && dropped.length > 0) throw allDropped(request.netuid, dropped);
  checkSetWeights({
    ...facts,
    call: isCommit ? "timelocked weights" : "weights",
    hotkey: request.signer.address,
    weights,
    versionKey: request.versionKey,
    blockSeconds: blockTime.blockSeconds,
  });
  const retryAfterBlocks = async () => rateLimitWaitBlocks(await readLast());
  if (commit !== null) return { ...(await commit({ weights, retryAfterBlocks })), weights, dropped };
  const { events: _events, ...inclusion } = await submit(submitter, {
    pallet: SUBTENSOR,
    name: name ?? "set_weights",
    args: {
      netuid: request.netuid,
      mecid: mechanismId,
      dests: weights.map((weight) => weight.uid),
      weights: weights.map((weight) => weight.weightU16),
      version_key: request.versionKey,
    },
    signer: request.signer,
    signal,
    retryAfterBlocks,
  });
  return { kind: "set", ...inclusion, weights, dropped };
}
