export { createApiKey } from "./api-key.js";
export { createGateway } from "./create-gateway.js";
export { createMetricsServer } from "./metrics-server.js";
