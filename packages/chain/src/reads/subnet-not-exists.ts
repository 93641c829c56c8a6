import { ChainError } from "../errors/chain-error.js";

/** The error for a subnet that is not there. */
export function subnetNotExists(netuid: number): ChainError {
  return new ChainError({
    code: "CHAIN_REJECTED",
    message: `Subnet ${netuid} does not exist on this chain.`,
    hint: "Check the netuid and the network.",
    chainName: "SubnetNotExists",
    facts: { netuid },
  });
}
