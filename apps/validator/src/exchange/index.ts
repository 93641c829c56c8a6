export type { Exchange, ExchangeRequest, ExchangeResult, Refusal } from "./exchange.js";
export { normaliseRequest } from "./normalise-request.js";
export { createExchange, type ExchangeDependencies } from "./run-request.js";
export { UnusableAnswerError } from "./unusable-answer-error.js";
