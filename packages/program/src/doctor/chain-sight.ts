import type { BlockTime, Hyperparameters, Metagraph, Neuron, SubtensorClient } from "@vision/chain";
import { VisionError } from "@vision/protocol";
import { type ChainSettings, chainPlace } from "../settings/chain-place.js";

/** The chain as one look shows it. */
export type ChainSight = {
  /** The endpoint that answered, without credentials. */
  readonly endpoint: string;
  readonly specVersion: number;
  readonly time: BlockTime;
  readonly metagraph: Metagraph;
  readonly hyperparameters: Hyperparameters;
};

/** An endpoint that hangs must leave time for the next one, and a check's own limit is a little longer. */
const LIMIT_MS = 12_000;

/**
 * Connects to the chain, reads what the checks need of it, and leaves.
 *
 * @throws {@link VisionError} `CHAIN_UNREACHABLE` for a chain that does not answer in time; ChainError for a subnet that is not there.
 */
export async function lookAtChain(
  settings: ChainSettings & { readonly netuid: number },
  { signal, limitMs = LIMIT_MS }: { readonly signal: AbortSignal; readonly limitMs?: number },
): Promise<ChainSight> {
  const limit = new AbortController();
  const message = `No chain endpoint answered within ${limitMs / 1_000} s. Check network and chain.endpoints, and the connection.`;
  const timer = setTimeout(() => limit.abort(new VisionError({ code: "CHAIN_UNREACHABLE", message })), limitMs);
  const looking = AbortSignal.any([signal, limit.signal]);
  let chain: SubtensorClient | null = null;
  try {
    // The chain's libraries take a moment to load; settings are judged before.
    const { connect } = await import("@vision/chain");
    chain = await connect({ ...chainPlace(settings), signal: looking });
    const { netuid } = settings;
    const options = { signal: looking };
    const [{ specVersion }, time, metagraph, hyperparameters] = await Promise.all([
      chain.getChainInfo(options),
      chain.getBlockTime(options),
      chain.getMetagraph(netuid, options),
      chain.getHyperparameters(netuid, options),
    ]);
    return { endpoint: chain.status().endpoint ?? "the chain", specVersion, time, metagraph, hyperparameters };
  } catch (error) {
    throw limit.signal.aborted ? limit.signal.reason : error;
  } finally {
    clearTimeout(timer);
    await chain?.close();
  }
}

/** The neuron of a hotkey; null where it is not registered. */
export function neuronOf({ metagraph }: ChainSight, hotkey: string): Neuron | null {
  return metagraph.neurons.find((neuron) => neuron.hotkey === hotkey) ?? null;
}
