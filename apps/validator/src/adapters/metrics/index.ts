export { createPrometheusMetrics } from "./create-prometheus-metrics.js";
export { checkerMetricDefinitions, gatewayMetricDefinitions } from "./metric-definitions.js";
