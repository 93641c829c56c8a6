export { createFakeChain, type FakeChain, type FakeChainOptions, type FakeWeightsRecord } from "./create-fake-chain.js";
