import type { Neuron } from "../port.js";

/** A neuron that has done nothing yet, with what a test says of it. Its coldkey is its hotkey, unless it is named. */
export function fakeNeuron(neuron: Partial<Neuron> & Pick<Neuron, "hotkey">, uid = neuron.uid ?? 0): Neuron {
  return {
    coldkey: neuron.hotkey,
    endpoint: null,
    gatewayEndpoint: null,
    isActive: true,
    hasValidatorPermit: false,
    stakeRao: 0n,
    lastUpdateBlock: 0,
    registeredAtBlock: 0,
    emissionRao: 0n,
    incentiveFraction: 0,
    consensusFraction: 0,
    dividendsFraction: 0,
    ...neuron,
    uid,
  };
}
