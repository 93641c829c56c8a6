export { type FakeVllm, startFakeVllm } from "./fake-vllm.js";
export { describeReferenceModel } from "./reference-model-contract.js";
