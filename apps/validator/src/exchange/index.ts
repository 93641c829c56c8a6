export type { Exchange } from "./exchange.js";
export { createExchange } from "./run-request.js";
