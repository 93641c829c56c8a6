import { describe, expect, it } from "@jest/globals";
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

  it("names every metric vision_ with a unit or a plain noun at the end", () => {
    for (const [key, definition] of Object.entries(metricDefinitions)) {
      const snake = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      expect(definition.name).toBe(`vision_${snake}`);
    }
  });

  it("has a registry of its own", async () => {
    const one = createPrometheusMetrics({ hasProcessMetrics: false });
    const two = createPrometheusMetrics({ hasProcessMetrics: false });
    one.metrics.minersKnown.set(5);
    expect(await two.render()).toContain("vision_miners_known 0");
  });
});
