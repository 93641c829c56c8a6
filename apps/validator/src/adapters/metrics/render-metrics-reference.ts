import { type MetricDefinition, metricDefinitions } from "./metric-definitions.js";

/** The reference page of the metrics, in Markdown. */
export function renderMetricsReference(): string {
  const definitions: readonly MetricDefinition[] = Object.values(metricDefinitions);
  const rows = definitions.map(
    ({ name, labels, help }) => `| \`${name}\` | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help} |`,
  );
  return `# Metrics of the validator

Made from the code by its tests; do not edit. Served at \`http://127.0.0.1:9090/metrics\` (\`metrics.host\`, \`metrics.port\`) for Prometheus,
beside the usual metrics of a Node.js process.

| metric | labels | meaning |
|---|---|---|
${rows.join("\n")}
`;
}
