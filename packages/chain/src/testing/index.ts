export { createFakeChain, type FakeChain, type FakeChainOptions, type FakeWeightsRecord } from "./create-fake-chain.js";
export { fakeNeuron } from "./fake-neuron.js";
