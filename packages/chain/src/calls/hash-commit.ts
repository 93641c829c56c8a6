import { randomBytes } from "node:crypto";
import type { ChainSigner, Inclusion, WeightU16 } from "../port.js";
import { submit } from "../submit/submit.js";
import type { Submitter } from "../submit/submitter.js";
import { mechanismStorageIndex, weightsCommitHash } from "../timelock/commit-hash.js";
import { chooseCall, SUBTENSOR } from "./call-context.js";

/** Weights to be committed by hash and revealed by the same signer later. */
export type HashCommitRequest = {
  readonly netuid: number;
  readonly mechanismId?: number;
  readonly weights: readonly WeightU16[];
  readonly versionKey: bigint;
  readonly signer: ChainSigner;
};

/** What a reveal needs besides the weights: keep it until then. */
export type HashCommitted = Inclusion & { readonly salt: readonly number[]; readonly hash: string };

/** Commits the hash of weights under a new random salt of eight u16 values. */
export async function commitWeightsHash(
  submitter: Submitter,
  request: HashCommitRequest,
  signal: AbortSignal | undefined,
): Promise<HashCommitted> {
  const mechanismId = request.mechanismId ?? 0;
  const salt = [...new Uint16Array(Uint8Array.from(randomBytes(16)).buffer)];
  const hash = weightsCommitHash({
    hotkeyPublicKey: request.signer.publicKey,
    storageIndex: mechanismStorageIndex(request.netuid, mechanismId),
    weights: request.weights,
    salt,
    versionKey: request.versionKey,
  });
  const name = await chooseCall(submitter, mechanismId === 0 ? ["commit_weights"] : ["commit_mechanism_weights"], { signal });
  const args = { netuid: request.netuid, mecid: mechanismId, commit_hash: hash };
  const { events: _events, ...inclusion } = await submit(submitter, { pallet: SUBTENSOR, name, args, signer: request.signer, signal });
  return { ...inclusion, salt, hash };
}

/** Reveals weights that were committed by hash. Valid only in the epoch that is the reveal period after the commit's. */
export async function revealWeights(
  submitter: Submitter,
  request: HashCommitRequest & { readonly salt: readonly number[] },
  signal: AbortSignal | undefined,
): Promise<Inclusion> {
  const mechanismId = request.mechanismId ?? 0;
  const name = await chooseCall(submitter, mechanismId === 0 ? ["reveal_weights"] : ["reveal_mechanism_weights"], { signal });
  const args = {
    netuid: request.netuid,
    mecid: mechanismId,
    uids: request.weights.map((weight) => weight.uid),
    values: request.weights.map((weight) => weight.weightU16),
    salt: request.salt,
    version_key: request.versionKey,
  };
  const { events: _events, ...inclusion } = await submit(submitter, { pallet: SUBTENSOR, name, args, signer: request.signer, signal });
  return inclusion;
}
