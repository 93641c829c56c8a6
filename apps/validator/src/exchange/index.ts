export type { DirectParts, SentParts } from "./direct-parts.js";
export type { Exchange } from "./exchange.js";
export type { AskedReply, AskRequest, MinerAsker, ReplyFacts } from "./miner-asker.js";
export { createExchange } from "./run-request.js";
