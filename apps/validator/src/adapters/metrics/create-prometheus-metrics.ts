import { createMetrics, type MetricsRegistry } from "@vision/program";
import { metricDefinitions } from "./metric-definitions.js";

/** The validator's metrics with what a scraper reads. */
export function createPrometheusMetrics(options: { readonly hasProcessMetrics?: boolean } = {}): MetricsRegistry<typeof metricDefinitions> {
  return createMetrics(metricDefinitions, options);
}
