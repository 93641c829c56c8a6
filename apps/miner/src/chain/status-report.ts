import { isSameEndpoint, type Metagraph, type NeuronEndpoint, type Rao, type SubtensorClient } from "@vision/sdk/chain";
import type { ProbeResult } from "./probe-endpoint.js";

/** The part of a chain client that the status is read from. */
export type StatusChain = Pick<SubtensorClient, "getMetagraph" | "getHyperparameters" | "getRegistrationCost" | "close">;

/** A miner's place on a subnet, as one JSON object without secrets. Amounts are decimal strings of RAO, fractions 0 to 1. */
export type StatusReport = {
  readonly network: string;
  readonly netuid: number;
  readonly blockNumber: number;
  readonly hotkey: string;
  /** Where the configuration says that validators reach the miner; null when it publishes nothing. */
  readonly configuredEndpoint: NeuronEndpoint | null;
} & (
  | { readonly isRegistered: false; readonly registrationCostRao: string }
  | {
      readonly isRegistered: true;
      readonly uid: number;
      readonly registeredAtBlock: number;
      /** Blocks in which places that are not immune are lost first; 0 when they are over. */
      readonly immunityLeftBlocks: number;
      readonly publishedEndpoint: NeuronEndpoint | null;
      readonly stakeRao: string;
      readonly incentiveFraction: number;
      /** Alpha paid at the last epoch. */
      readonly emissionRao: string;
      readonly tempoBlocks: number;
      /** Miners with more incentive, plus one. */
      readonly incentiveRank: number;
      readonly neuronCount: number;
      /** What the published endpoint said; null when there is none. */
      readonly probe: ProbeResult | null;
    }
);

/** Whose status is read, and where. */
export type StatusSubject = {
  readonly netuid: number;
  readonly network: string;
  readonly hotkey: string;
  readonly configuredEndpoint: NeuronEndpoint | null;
};

/** Reads a miner's place from the chain and asks its published endpoint who it is. */
export async function readStatus(
  { netuid, network, hotkey, configuredEndpoint }: StatusSubject,
  { chain, probe }: { readonly chain: StatusChain; readonly probe: (endpoint: NeuronEndpoint) => Promise<ProbeResult> },
): Promise<StatusReport> {
  const metagraph = await chain.getMetagraph(netuid);
  const base = { network, netuid, blockNumber: metagraph.blockNumber, hotkey, configuredEndpoint };
  const neuron = metagraph.neurons.find((one) => one.hotkey === hotkey);
  if (neuron === undefined) return { ...base, isRegistered: false, registrationCostRao: text(await chain.getRegistrationCost(netuid)) };
  const { immunityPeriodBlocks } = await chain.getHyperparameters(netuid);
  return {
    ...base,
    isRegistered: true,
    uid: neuron.uid,
    registeredAtBlock: neuron.registeredAtBlock,
    immunityLeftBlocks: Math.max(0, neuron.registeredAtBlock + immunityPeriodBlocks - metagraph.blockNumber),
    publishedEndpoint: neuron.endpoint,
    stakeRao: text(neuron.stakeRao),
    incentiveFraction: neuron.incentiveFraction,
    emissionRao: text(neuron.emissionRao),
    tempoBlocks: metagraph.tempoBlocks,
    incentiveRank: rankOf(metagraph, neuron.incentiveFraction),
    neuronCount: metagraph.neurons.length,
    probe: neuron.endpoint === null ? null : await probe(neuron.endpoint),
  };
}

function rankOf({ neurons }: Metagraph, incentiveFraction: number): number {
  return neurons.filter((one) => one.incentiveFraction > incentiveFraction).length + 1;
}

function text(amountRao: Rao): string {
  return amountRao.toString();
}

/** What keeps validators from this miner, in sentences; empty when all is well. */
export function findStatusProblems(report: StatusReport): readonly string[] {
  if (!report.isRegistered)
    return ["The hotkey is not registered: validators do not know this miner. `vision-miner register` registers it."];
  const { configuredEndpoint: configured, publishedEndpoint: published, probe, hotkey } = report;
  const problems: string[] = [];
  if (published === null) {
    const advice = configured === null ? "Set chain.announce and run the miner." : "The miner publishes it while it runs; see its log.";
    problems.push(`No endpoint is published: validators cannot find this miner. ${advice}`);
  } else if (configured !== null && !isSameEndpoint(configured, published)) {
    problems.push("The published endpoint is not the configured one. The miner publishes it while it runs; see its log.");
  }
  if (probe?.kind === "fails") problems.push(`The published endpoint does not answer from here: ${probe.reason}.`);
  if (probe?.kind === "answers" && probe.hotkey !== hotkey) {
    problems.push(`At the published endpoint answers another miner, ${probe.hotkey}: its answers count for nobody.`);
  }
  return problems;
}
