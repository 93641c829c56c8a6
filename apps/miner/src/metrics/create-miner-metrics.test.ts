import { describe, expect, it } from "@jest/globals";
import type { MinerEvent } from "@vision/sdk";
import type { Metagraph } from "@vision/sdk/chain";
import { createMinerMetrics } from "./create-miner-metrics.js";

const tasks = { "chat-tiny": { capacityPerHour: 900 }, "image-tiny": { capacityPerHour: 60, concurrency: 2 } };
const create = () => createMinerMetrics({ tasks, hotkey: "me" }, { hasProcessMetrics: false });
const event: MinerEvent = { validator: "v", requestName: null, taskId: "chat-tiny", outcome: "ok", workUnits: 40, durationMs: 1_500 };

function metagraphOf(...hotkeys: readonly string[]): Metagraph {
  const rest = {
    coldkey: "c",
    endpoint: null,
    gatewayEndpoint: null,
    isActive: true,
    hasValidatorPermit: false,
    stakeRao: 0n,
    lastUpdateBlock: 0,
  };
  const more = { registeredAtBlock: 0, emissionRao: 0n, incentiveFraction: 0.25, consensusFraction: 0, dividendsFraction: 0 };
  const neurons = hotkeys.map((hotkey, uid) => ({ uid, hotkey, ...rest, ...more }));
  return { netuid: 2, blockNumber: 1, tempoBlocks: 360, ownerHotkey: null, neurons };
}

describe("createMinerMetrics", () => {
  it("counts requests by outcome, and time and work of complete answers only", async () => {
    const metrics = create();
    metrics.observe(event);
    metrics.observe({ ...event, outcome: "failed", workUnits: 0, durationMs: 9_000 });
    const text = await metrics.render();
    expect(text).toContain('vision_miner_requests_total{task="chat-tiny",outcome="ok"} 1');
    expect(text).toContain('vision_miner_requests_total{task="chat-tiny",outcome="failed"} 1');
    expect(text).toContain('vision_miner_request_seconds_sum{task="chat-tiny"} 1.5');
    expect(text).toContain('vision_miner_work_units_total{task="chat-tiny"} 40');
    expect(text).toContain('vision_miner_slots{task="image-tiny"} 2');
  });

  it("tells of a task in a pool its part of the machine, and the machine's slots", async () => {
    const pools = { gpu0: { tasks: { "chat-tiny": 0.5 }, concurrency: 3 } };
    const text = await createMinerMetrics({ tasks, pools, hotkey: "me" }, { hasProcessMetrics: false }).render();
    expect(text).toContain('vision_miner_declared_units_per_hour{task="chat-tiny"} 450');
    expect(text).toContain('vision_miner_slots{task="chat-tiny"} 3');
    expect(text).toContain('vision_miner_declared_units_per_hour{task="image-tiny"} 60');
  });

  it("reads what the miner is doing when it is scraped", async () => {
    const metrics = create();
    let isHealthy = true;
    metrics.watch({ getInFlight: () => ({ "chat-tiny": 3 }), getHealth: () => ({ "chat-tiny": isHealthy }) });
    expect(await metrics.render()).toContain('vision_miner_backend_up{task="chat-tiny"} 1');
    isHealthy = false;
    const text = await metrics.render();
    expect(text).toContain('vision_miner_backend_up{task="chat-tiny"} 0');
    expect(text).toContain('vision_miner_in_flight{task="chat-tiny"} 3');
  });

  it("says nothing of the chain before it was read: a 0 would raise an alarm", async () => {
    const metrics = create();
    expect(await metrics.render()).not.toMatch(/^vision_miner_(registered|incentive_ratio) /m);
    metrics.noteMetagraph(metagraphOf("other", "me"));
    expect(await metrics.render()).toMatch(/^vision_miner_registered 1$[\s\S]*^vision_miner_incentive_ratio 0.25$/m);
    metrics.noteMetagraph(metagraphOf("other"));
    const text = await metrics.render();
    expect(text).toMatch(/^vision_miner_registered 0$/m);
    expect(text).not.toMatch(/^vision_miner_incentive_ratio /m);
  });
});
