export { createPrometheusMetrics } from "./create-prometheus-metrics.js";
export { checkerMetricDefinitions } from "./metric-definitions.js";
