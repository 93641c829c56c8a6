export { createApiKey, hashApiKey, type NewApiKey } from "./api-key.js";
export { createGateway, type Gateway, type GatewayDependencies, type GatewayOptions } from "./create-gateway.js";
export { createMetricsServer, type MetricsServer } from "./metrics-server.js";
export { selectCandidates } from "./select-candidates.js";
