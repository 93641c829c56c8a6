export { createPrometheusMetrics, type PrometheusMetrics } from "./create-prometheus-metrics.js";
export { type MetricDefinition, metricDefinitions } from "./metric-definitions.js";
