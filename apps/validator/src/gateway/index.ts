export { createApiKey } from "./api-key.js";
export { createGateway, type Gateway, type GatewayOptions } from "./create-gateway.js";
export type { KeyUse } from "./key-uses.js";
export { listBudgets } from "./list-budgets.js";
export { createMetricsServer } from "./metrics-server.js";
