import { describe, expect, it } from "@jest/globals";
import { minerConfigSchema } from "./miner-config.js";
import { planReload } from "./plan-reload.js";

const alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
const bob = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";
const tasks = { "chat-tiny": { capacityPerHour: 3_600 }, "completion-tiny": { capacityPerHour: 7_200, backend: "local" } };
const configOf = (changed: Record<string, unknown> = {}) =>
  minerConfigSchema.parse({
    hotkey: { uri: "//Alice", areDevKeysAllowed: true },
    tasks,
    backends: { local: { kind: "tiny" } },
    ...changed,
  });

describe("planReload", () => {
  it("takes capacities, slots, pools, sharing, validators and the log's level", () => {
    const running = configOf({ validators: { allow: [alice] } });
    const read = configOf({
      tasks: { ...tasks, "chat-tiny": { capacityPerHour: 1_800 }, "completion-tiny": { ...tasks["completion-tiny"] } },
      pools: { gpu0: { tasks: { "chat-tiny": 0.5 }, concurrency: 4 } },
      capacitySharing: "among-permitted",
      validators: { allow: [alice, bob] },
      log: { level: "debug" },
    });
    const { next, changed, left } = planReload(running, read);
    expect(next).toEqual(read);
    expect(left).toEqual([]);
    expect([...changed].sort()).toEqual([
      "capacitySharing",
      "log.level",
      "pools.gpu0",
      "tasks.chat-tiny.capacityPerHour",
      "validators.allow",
    ]);
  });

  it("leaves and names the rest, and never says what it is", () => {
    const server = { kind: "openai-compatible", baseUrl: "http://127.0.0.1:1/v1", apiKey: "secret" };
    const running = configOf();
    const read = configOf({
      tasks: {
        "chat-tiny": { capacityPerHour: 10, model: "other" },
        "image-tiny": { capacityPerHour: 5 },
        "completion-tiny": {
          ...tasks["completion-tiny"],
        },
      },
      pools: { gpu0: { tasks: { "chat-tiny": 0.5, "image-tiny": 0.5 } } },
      backends: { local: { kind: "tiny" }, server },
      listen: { port: 1 },
      validators: { allow: [alice] },
      chain: { minStakeRao: "5" },
    });
    const { next, changed, left } = planReload(running, read);
    expect(next).toEqual({
      ...running,
      tasks: { ...running.tasks, "chat-tiny": { capacityPerHour: 10 } },
      pools: { gpu0: { tasks: { "chat-tiny": 0.5 } } },
    });
    expect([...changed].sort()).toEqual(["pools.gpu0", "tasks.chat-tiny.capacityPerHour"]);
    expect([...left].sort()).toEqual([
      "backends.server",
      "chain.minStakeRao",
      "listen.port",
      "pools.gpu0.tasks.image-tiny",
      "tasks.chat-tiny.model",
      "tasks.image-tiny",
      "validators",
    ]);
    expect(JSON.stringify([changed, left])).not.toContain("secret");
  });

  it("declares nothing of a task that is gone: outside of its pool it would declare the whole machine", () => {
    const pools = { gpu0: { tasks: { "chat-tiny": 0.7, "completion-tiny": 0.3 } } };
    const read = configOf({ tasks: { "chat-tiny": tasks["chat-tiny"] }, pools: { gpu0: { tasks: { "chat-tiny": 1 } } } });
    const { next, left } = planReload(configOf({ pools }), read);
    expect(next.tasks["completion-tiny"]).toEqual({ capacityPerHour: 0, backend: "local" });
    expect(next.pools).toEqual(read.pools);
    expect(left).toEqual(["tasks.completion-tiny"]);
  });

  it("changes nothing where nothing was changed", () => {
    const read = () => configOf({ pools: { gpu0: { tasks: { "chat-tiny": 0.7 } } } });
    expect(planReload(read(), read())).toEqual({ next: read(), changed: [], left: [] });
  });
});
