export { createPrometheusMetrics } from "./create-prometheus-metrics.js";
