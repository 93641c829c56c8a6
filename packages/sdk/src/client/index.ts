export { type FaultCode, faultCodes, type MinerVerdict, type VerdictsPage } from "@vision/protocol";
export { type AskVerdictsOptions, askVerdicts, type VerdictsResult } from "./ask-verdicts.js";
export { type CollectedReply, type CollectOptions, collectReply } from "./collect-reply.js";
export { createMinerClient } from "./create-miner-client.js";
export type {
  Blame,
  CapacitiesResult,
  ClientFailure,
  FailureStage,
  MeasureReading,
  MinerClient,
  MinerClientOptions,
  MinerReply,
  MinerTarget,
  OpenSessionResult,
  ReadReplyReceipt,
  ReceiptResult,
  SendOptions,
  SseEvent,
  StreamEnd,
  WaitOptions,
} from "./miner-client.js";
