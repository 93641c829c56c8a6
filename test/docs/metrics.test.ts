import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { findNameMistakes, renderMetricsTable } from "@vision/program";
import { metricDefinitions as minerMetrics } from "../../apps/miner/src/metrics/metric-definitions.js";
import {
  checkerMetricDefinitions as checkerMetrics,
  gatewayMetricDefinitions as gatewayMetrics,
  metricDefinitions as validatorMetrics,
} from "../../apps/validator/src/adapters/metrics/metric-definitions.js";

const page = join(import.meta.dirname, "..", "..", "docs", "reference", "metrics.md");

const rendered = `# Metrics

Made from the code by its tests (\`UPDATE_DOCS=1 npm test -- test/docs\`); do not edit. Names and units follow Prometheus: base units at the end
(\`_seconds\`, \`_bytes\`, \`_ratio\` from 0 to 1), \`_total\` for what only grows. Beside these both programs tell the usual metrics of a Node.js process
(\`nodejs_*\`, \`process_*\`). Alarms and boards: [ops](../../ops/README.md).

## Validator

Served at \`http://127.0.0.1:9090/metrics\` (\`metrics.host\`, \`metrics.port\`).

${renderMetricsTable(validatorMetrics)}

## Checker

Served by \`vision-validator checker\` at the same place, with \`/healthz\` and \`/readyz\`.

${renderMetricsTable(checkerMetrics)}

## Gateway

Served by \`vision-validator gateway\` at the same place, with \`/healthz\` and \`/readyz\`.

${renderMetricsTable(gatewayMetrics)}

## Miner

Served at \`http://127.0.0.1:9091/metrics\` (\`metrics.host\`, \`metrics.port\`) when \`metrics.isEnabled\` is set. They hold nothing of requests and answers.

${renderMetricsTable(minerMetrics)}
`;

describe("docs/reference/metrics.md", () => {
  it("says what the definitions say", async () => {
    if (process.env["UPDATE_DOCS"] === "1") await writeFile(page, rendered);
    expect(await readFile(page, "utf8")).toBe(rendered);
  });

  it("has names by Prometheus' rules", () => {
    const mistakes = [
      ...Object.entries(validatorMetrics).flatMap(([key, definition]) => findNameMistakes(key, definition, "vision_")),
      ...Object.entries(checkerMetrics).flatMap(([key, definition]) => findNameMistakes(key, definition, "vision_")),
      ...Object.entries(gatewayMetrics).flatMap(([key, definition]) => findNameMistakes(key, definition, "vision_")),
      ...Object.entries(minerMetrics).flatMap(([key, definition]) => findNameMistakes(key, definition, "vision_miner_")),
    ];
    expect(mistakes).toEqual([]);
  });
});

describe("findNameMistakes", () => {
  it("finds units that are no base units, counters by other names, and names that are not their keys'", () => {
    const base = { help: "x", labels: [] };
    const bad = [
      ["waitMs", { ...base, kind: "gauge", name: "vision_wait_ms" }],
      ["requests", { ...base, kind: "counter", name: "vision_requests" }],
      ["sizeTotal", { ...base, kind: "gauge", name: "vision_size_total" }],
      ["delay", { ...base, kind: "histogram", name: "vision_delay" }],
      ["blocks", { ...base, kind: "gauge", name: "vision_block_count" }],
    ] as const;
    for (const [key, definition] of bad)
      expect({ key, count: findNameMistakes(key, definition, "vision_").length }).toEqual({ key, count: 1 });
  });
});
