import { describe, expect, it } from "@jest/globals";
import { findNameMistakes } from "@vision/program";
import { defaultTasks } from "@vision/protocol";
import { createPrometheusMetrics } from "./create-prometheus-metrics.js";
import { metricDefinitions } from "./metric-definitions.js";

describe("createPrometheusMetrics", () => {
  it("renders what was measured, with labels", async () => {
    const { metrics, render, contentType } = createPrometheusMetrics({ hasProcessMetrics: false });
    metrics.requestsTotal.inc({ task: "chat-tiny", source: "organic", outcome: "ok" });
    metrics.requestsTotal.inc({ task: "chat-tiny", source: "organic", outcome: "ok" }, 2);
    metrics.dependencyUp.set(0, { dependency: "chain" });
    metrics.gatewaySeconds.observe(0.2, { route: "/v1/models", status: "200" });
    const text = await render();
    expect(text).toContain('vision_requests_total{task="chat-tiny",source="organic",outcome="ok"} 3');
    expect(text).toContain('vision_dependency_up{dependency="chain"} 0');
    expect(text).toContain('vision_gateway_seconds_count{route="/v1/models",status="200"} 1');
    expect(contentType).toContain("text/plain");
  });

  it("computes what changes by the clock alone when it is scraped", async () => {
    const { metrics, render } = createPrometheusMetrics({ hasProcessMetrics: false });
    let blocks = 4;
    metrics.dependencyUp.set(1, { dependency: "store" });
    metrics.dependencyUp.set(1, { dependency: "chain" });
    metrics.dependencyUp.measure(() => 0, { dependency: "chain" });
    metrics.weightsSilenceBlocks.measure(() => blocks);
    expect(await render()).toContain("vision_weights_silence_blocks 4");
    blocks = 400;
    const text = await render();
    expect(text).toContain("vision_weights_silence_blocks 400");
    expect(text).toContain('vision_dependency_up{dependency="chain"} 0');
    expect(text).toContain('vision_dependency_up{dependency="store"} 1');
  });

  it("has a bucket that ends at the target of every default task, and buckets close together around them", () => {
    const { buckets } = metricDefinitions.firstTokenSeconds;
    const targets = new Set(defaultTasks.map(({ target }) => target.firstTokenMs / 1_000));
    expect([...targets].filter((target) => !buckets.includes(target))).toEqual([]);
    const wide = buckets.flatMap((bound, index) => (bound > 0.1 && bound <= 1 && bound / (buckets[index - 1] ?? 0) > 1.5 ? [bound] : []));
    expect(wide).toEqual([]);
  });

  it.each(Object.entries(metricDefinitions).filter(([, { kind }]) => kind === "histogram"))(
    "%s has growing buckets",
    (_key, definition) => {
      const { buckets } = definition as { readonly buckets: readonly number[] };
      expect([...new Set(buckets)].sort((one, other) => one - other)).toEqual(buckets);
    },
  );

  it("names every metric by Prometheus' rules, and after its key", () => {
    const mistakes = Object.entries(metricDefinitions).flatMap(([key, definition]) => findNameMistakes(key, definition, "vision_"));
    expect(mistakes).toEqual([]);
  });

  it("forgets labels that are no longer measured", async () => {
    const { metrics, render } = createPrometheusMetrics({ hasProcessMetrics: false });
    let hotkeys = ["alice", "bob"];
    metrics.scoredWeightRatio.measureAll(() => hotkeys.map((hotkey) => ({ value: 0.5, labels: { hotkey } })));
    expect(await render()).toContain('vision_scored_weight_ratio{hotkey="bob"} 0.5');
    hotkeys = ["alice"];
    const text = await render();
    expect(text).toContain('hotkey="alice"');
    expect(text).not.toContain('hotkey="bob"');
  });

  it("has a registry of its own", async () => {
    const one = createPrometheusMetrics({ hasProcessMetrics: false });
    const two = createPrometheusMetrics({ hasProcessMetrics: false });
    one.metrics.minersKnown.set(5);
    expect(await two.render()).toContain("vision_miners_known 0");
  });
});
