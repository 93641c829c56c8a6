import type { SubnetStateValue } from "../metadata/types/subnet-state.js";
import type { State } from "../storage/state.js";
import { readMetagraph } from "./metagraph.js";
import { listSubnets, ROOT_NETUID } from "./subnets.js";

/** The neurons of a subnet as columns, `null` for an unknown subnet. This node keeps no emission of past epochs: that column is zero. */
export function readSubnetState(state: State, netuid: number, blockNumber: number): SubnetStateValue | null {
  const metagraph = readMetagraph(state, netuid, { blockNumber, mechanism: 0 });
  if (metagraph === null) return null;
  const { hotkeys, coldkeys, active, validator_permit, pruning_score, last_update, emission, dividends, incentives } = metagraph;
  const { consensus, trust, rank, block_at_registration, alpha_stake, tao_stake, total_stake } = metagraph;
  return {
    netuid,
    hotkeys,
    coldkeys,
    active,
    validator_permit,
    pruning_score,
    last_update,
    emission,
    dividends,
    incentives,
    consensus,
    trust,
    rank,
    block_at_registration,
    alpha_stake,
    tao_stake,
    total_stake,
    emission_history: [ROOT_NETUID, ...listSubnets(state)].map(() => hotkeys.map(() => 0n)),
  };
}
