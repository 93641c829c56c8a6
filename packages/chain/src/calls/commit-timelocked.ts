import type { Hyperparameters, Inclusion, SetWeightsRequest, WeightU16 } from "../port.js";
import { readBeacon } from "../reads/read-beacon.js";
import type { BlockTime } from "../reads/read-block-time.js";
import { type EpochSchedule, readEpochSchedule } from "../reads/read-epoch.js";
import { readStorage } from "../reads/reader.js";
import { integerSchema } from "../runtime/chain-json.js";
import { submit } from "../submit/submit.js";
import type { Submitter } from "../submit/submitter.js";
import { mechanismStorageIndex } from "../timelock/commit-hash.js";
import { revealBlockOfModuloEpochs, revealBlockOfStatefulEpochs, roundAtBlock } from "../timelock/reveal-round.js";
import { timelockEncrypt } from "../timelock/timelock.js";
import { encodeLegacyWeightsPayload, encodeWeightsPayload } from "../timelock/weights-payload.js";
import { chooseCall, SUBTENSOR } from "./call-context.js";

/** What a timelocked commit needs beyond the weights, which come last. */
export type TimelockedCommitRequest = Omit<SetWeightsRequest, "weights"> & {
  readonly mechanismId: number;
  readonly hyperparameters: Pick<Hyperparameters, "revealPeriodEpochs">;
  readonly blockTime: BlockTime;
};

/** How a commit ended. */
type TimelockedCommit = Inclusion & { readonly kind: "committed"; readonly revealRound: number; readonly revealBlock: number };

/** Commits the weights it is given. */
type CommitWeights = (commit: {
  readonly weights: readonly WeightU16[];
  readonly retryAfterBlocks: () => Promise<number | null>;
}) => Promise<TimelockedCommit>;

const DEFAULT_COMMIT_REVEAL_VERSION = 4;

/**
 * Reads everything that a commit of weights needs, which the chain opens by itself when the beacon's round is out. What is returned
 * encrypts and sends the weights, so that they can be settled at the last moment.
 */
export async function prepareTimelockedCommit(
  submitter: Submitter,
  request: TimelockedCommitRequest,
  signal: AbortSignal | undefined,
): Promise<CommitWeights> {
  const names = [
    "commit_timelocked_mechanism_weights",
    ...(request.mechanismId === 0 ? ["commit_timelocked_weights", "commit_crv3_weights"] : []),
  ];
  const [name, beacon, schedule, [versionJson, lastRoundJson]] = await Promise.all([
    chooseCall(submitter, names, { signal }),
    readBeacon(submitter, { signal }),
    readEpochSchedule(submitter, request.netuid, { signal }),
    readStorage(
      submitter,
      [
        { pallet: SUBTENSOR, item: "CommitRevealWeightsVersion" },
        { pallet: "Drand", item: "LastStoredRound" },
      ],
      { signal },
    ),
  ]);
  const revealBlock = planRevealBlock(schedule, request);
  // A round that the chain already stored is refused (InvalidRevealRound); with slow clocks that can happen on short tempos.
  const revealRound = Math.max(roundAtBlock(revealBlock, { ...request.blockTime, beacon }), integerSchema.parse(lastRoundJson ?? 0) + 1);

  return async ({ weights, retryAfterBlocks }) => {
    const payload =
      name === "commit_crv3_weights"
        ? encodeLegacyWeightsPayload({ weights, versionKey: request.versionKey })
        : encodeWeightsPayload({ weights, versionKey: request.versionKey, hotkeyPublicKey: request.signer.publicKey });
    const commit = timelockEncrypt(payload, revealRound, { beacon });
    const { events: _events, ...inclusion } = await submit(submitter, {
      pallet: SUBTENSOR,
      name,
      args: {
        netuid: request.netuid,
        mecid: request.mechanismId,
        commit: `0x${Buffer.from(commit).toString("hex")}`,
        reveal_round: revealRound,
        commit_reveal_version: integerSchema.parse(versionJson ?? DEFAULT_COMMIT_REVEAL_VERSION),
      },
      signer: request.signer,
      signal,
      retryAfterBlocks,
    });
    // Blocks may have been made since the plan: what lands past the epoch that was next is opened with a later one.
    const landed = { ...schedule, blockNumber: Math.max(schedule.blockNumber, inclusion.blockNumber - 1) };
    return { kind: "committed", revealRound, revealBlock: planRevealBlock(landed, request), ...inclusion };
  };
}

/** Block at which the chain opens a commit made now. Older runtimes count modulo epochs by the mechanism's storage index. */
function planRevealBlock(schedule: EpochSchedule, request: TimelockedCommitRequest): number {
  const { revealPeriodEpochs } = request.hyperparameters;
  return schedule.kind === "stateful"
    ? revealBlockOfStatefulEpochs({ ...schedule, revealPeriodEpochs })
    : revealBlockOfModuloEpochs({ ...schedule, netuid: mechanismStorageIndex(request.netuid, request.mechanismId), revealPeriodEpochs });
}
