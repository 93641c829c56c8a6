import type { Metagraph, WeightU16 } from "@vision/chain";
import type { PeriodReport } from "@vision/protocol";
import type { LocalMiner } from "./identities.js";
import type { ChainReport, LocalPeriod } from "./report-schema.js";

/** Profile names by hotkey; anybody else is "validator" or a stranger's own address. */
export function createNameOf(miners: readonly LocalMiner[], validatorHotkey: string): (hotkey: string) => string {
  const names = new Map(miners.map((miner) => [miner.hotkey.address, miner.profile.name]));
  names.set(validatorHotkey, "validator");
  return (hotkey) => names.get(hotkey) ?? hotkey;
}

/** A validator's period report with the profiles' names. */
export function toLocalPeriod(report: PeriodReport, nameOf: (hotkey: string) => string): LocalPeriod {
  const { period, startsAtMs, endsAtMs, seed, tasks, weightSet } = report;
  return {
    ...{ period, startsAtMs, endsAtMs, seed, tasks },
    weightsSetAtBlock: weightSet?.includedAtBlock ?? null,
    miners: report.miners.map((miner) => ({ ...miner, profile: nameOf(miner.hotkey) })),
  };
}

/** What the chain holds: the validator's weights and what the last epoch paid. */
export function toChainReport(metagraph: Metagraph, weights: readonly WeightU16[], nameOf: (hotkey: string) => string): ChainReport {
  const hotkeys = new Map(metagraph.neurons.map((neuron) => [neuron.uid, neuron.hotkey]));
  return {
    blockNumber: metagraph.blockNumber,
    weights: weights.map(({ uid, weightU16 }) => {
      const hotkey = hotkeys.get(uid) ?? "";
      return { uid, hotkey, profile: nameOf(hotkey), weightU16 };
    }),
    neurons: metagraph.neurons.map((neuron) => ({
      uid: neuron.uid,
      hotkey: neuron.hotkey,
      profile: nameOf(neuron.hotkey),
      incentiveFraction: neuron.incentiveFraction,
      dividendsFraction: neuron.dividendsFraction,
      emissionRao: neuron.emissionRao.toString(),
    })),
  };
}
