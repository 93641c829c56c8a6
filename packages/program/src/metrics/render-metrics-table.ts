import type { MetricDefinition } from "./metric-definition.js";

/** A reference table of metrics, in Markdown. */
export function renderMetricsTable(definitions: Readonly<Record<string, MetricDefinition>>): string {
  const rows = Object.values(definitions).map(
    ({ kind, name, labels, help }) => `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help} |`,
  );
  return ["| metric | kind | labels | meaning |", "|---|---|---|---|", ...rows].join("\n");
}
