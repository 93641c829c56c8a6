export type { Exchange, ExchangeRequest, ExchangeResult, Refusal } from "./exchange.js";
export { createExchange, type ExchangeDependencies } from "./run-request.js";
