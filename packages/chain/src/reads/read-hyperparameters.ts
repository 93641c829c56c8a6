import { z } from "zod";
import type { Hyperparameters } from "../port.js";
import { bigintSchema, integerSchema } from "../runtime/chain-json.js";
import { type Reader, type ReadOptions, readStorage } from "./reader.js";
import { subnetNotExists } from "./subnet-not-exists.js";

const PALLET = "SubtensorModule";

/** The hyperparameters of a subnet at one block, in one round trip. @throws {@link ChainError} chain name `SubnetNotExists`. */
export async function readHyperparameters(reader: Reader, netuid: number, options: ReadOptions = {}): Promise<Hyperparameters> {
  const perSubnet = [
    "NetworksAdded",
    "Tempo",
    "WeightsVersionKey",
    "WeightsSetRateLimit",
    "MinAllowedWeights",
    "CommitRevealWeightsEnabled",
    "RevealPeriodEpochs",
    "ServingRateLimit",
    "ImmunityPeriod",
    "MaxAllowedUids",
  ];
  const queries = [...perSubnet.map((item) => ({ pallet: PALLET, item, args: [netuid] })), { pallet: PALLET, item: "StakeThreshold" }];
  const [isAdded, tempo, versionKey, rateLimit, minWeights, commitReveal, revealPeriod, servingLimit, immunity, maxUids, threshold] =
    await readStorage(reader, queries, options);
  if (isAdded !== true) throw subnetNotExists(netuid);
  return {
    tempoBlocks: integerSchema.parse(tempo),
    weightsVersionKey: bigintSchema.parse(versionKey),
    weightsRateLimitBlocks: integerSchema.parse(rateLimit),
    minAllowedWeights: integerSchema.parse(minWeights),
    isCommitRevealEnabled: z.boolean().parse(commitReveal ?? false),
    revealPeriodEpochs: integerSchema.parse(revealPeriod ?? 1),
    servingRateLimitBlocks: integerSchema.parse(servingLimit),
    immunityPeriodBlocks: integerSchema.parse(immunity),
    stakeThresholdRao: bigintSchema.parse(threshold ?? 0),
    maxUids: integerSchema.parse(maxUids),
  };
}
