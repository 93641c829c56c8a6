export { createManualClock, type ManualClock } from "../runtime/manual-clock.js";
export {
  type AnswerToCheck,
  type AnswerVerdict,
  type BackendContractOptions,
  backendContractSuite,
  type ContractCase,
} from "./backend-contract.js";
export { fakeAnswer } from "./fake-answer.js";
export { createFakeBackend, type FakeBackend, type FakeBackendOptions } from "./fake-backend.js";
export { type FakeModelServer, type FakeModelServerOptions, startFakeModelServer } from "./fake-model-server.js";
export type { FakeStep } from "./fake-step.js";
