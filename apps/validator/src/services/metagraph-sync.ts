import type { ChainClient, Metagraph, Neuron } from "@vision/chain";
import type { MinerTarget } from "@vision/sdk/client";
import { toReachableEndpoint } from "../domain/endpoint.js";
import type { Logger, ValidatorMetrics } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";

/** The subnet as last seen. */
export type MetagraphSync = {
  /** The last metagraph that could be read; null before the first. */
  current(): Metagraph | null;
  /** Reads it anew; keeps and returns the last good one while the chain is away. Waits only when there is none yet. */
  refresh(signal: AbortSignal): Promise<Metagraph>;
  /** Reads it anew, and rejects where that cannot be done: for what must not rest on who had a uid before. */
  readFresh(signal: AbortSignal): Promise<Metagraph>;
  /** Neurons other than this validator that can be reached, in order of uid. */
  miners(metagraph: Metagraph): readonly MinerTarget[];
  /** This validator's own neuron; null when it is not registered. */
  self(metagraph: Metagraph): Neuron | null;
};

/** Reads a subnet's metagraph through the chain client. */
export function createMetagraphSync(
  options: { readonly netuid: number; readonly ownHotkey: string; readonly arePrivateEndpointsAllowed: boolean },
  dependencies: {
    readonly chain: Pick<ChainClient, "getMetagraph">;
    readonly guard: DependencyGuard;
    readonly logger: Logger;
    readonly metrics: ValidatorMetrics;
  },
): MetagraphSync {
  const { chain, guard, logger, metrics } = dependencies;
  let last: Metagraph | null = null;

  function keep(metagraph: Metagraph): Metagraph {
    last = metagraph;
    metrics.minersKnown.set(sync.miners(metagraph).length);
    return metagraph;
  }

  const sync: MetagraphSync = {
    current: () => last,
    readFresh: async (signal) => keep(await guard.attempt("chain", () => chain.getMetagraph(options.netuid, { signal }))),
    async refresh(signal) {
      const read = () => chain.getMetagraph(options.netuid, { signal });
      try {
        return keep(last === null ? await guard.untilUp("chain", read, signal) : await guard.attempt("chain", read));
      } catch (error) {
        if (signal.aborted || last === null) throw error;
        logger.debug("The metagraph could not be read; the last one is kept", { blockNumber: last.blockNumber, error });
        return last;
      }
    },
    miners: (metagraph) =>
      metagraph.neurons.flatMap((neuron) => {
        if (neuron.hotkey === options.ownHotkey) return [];
        const endpoint = toReachableEndpoint(neuron.endpoint, options.arePrivateEndpointsAllowed);
        return endpoint === null ? [] : [{ hotkey: neuron.hotkey, ...endpoint }];
      }),
    self: (metagraph) => metagraph.neurons.find((neuron) => neuron.hotkey === options.ownHotkey) ?? null,
  };
  return sync;
}
