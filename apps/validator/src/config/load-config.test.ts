import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { VisionError } from "@vision/protocol";
import { VISION } from "@vision/scoring";
import { describeConfig } from "./describe-config.js";
import { type ConfigProblem, loadConfig } from "./load-config.js";
import { environmentName, flagName, settingDefinitions } from "./setting-definitions.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vision-config-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const minimal = { chain: { network: "test", netuid: 19 }, hotkey: { wallet: "mine" } };

async function file(settings: unknown): Promise<string> {
  const path = join(folder, `config-${Math.random().toString(36).slice(2)}.json`);
  await writeFile(path, typeof settings === "string" ? settings : JSON.stringify(settings));
  return path;
}

async function problemsOf(sources: Partial<Parameters<typeof loadConfig>[0]>): Promise<readonly ConfigProblem[]> {
  try {
    await loadConfig({ file: null, environment: {}, ...sources });
  } catch (error) {
    if (VisionError.isInstance(error, "CONFIG_INVALID")) return error.facts["problems"] as readonly ConfigProblem[];
    throw error;
  }
  throw new Error("the configuration was accepted");
}

describe("loadConfig", () => {
  it("fills in defaults", async () => {
    const config = await loadConfig({ file: await file(minimal), environment: {} });
    expect(config.probing.periodMs).toBe(3_600_000);
    expect(config.scoring).toEqual(VISION);
    expect(config.gateway).toMatchObject({ host: "127.0.0.1", port: 8080, isEnabled: true });
    expect(config.taskWeights).toEqual({ kind: "votes" });
    expect(config.retentionPeriods).toBe(192);
    expect(config.weights.versionKey).toBe(1n);
  });

  it("takes the environment over the file, and flags over both", async () => {
    const path = await file({ ...minimal, gateway: { port: 1, host: "0.0.0.0" }, metrics: { port: 1 }, log: { level: "debug" } });
    const config = await loadConfig({
      file: path,
      environment: { VISION_VALIDATOR_GATEWAY_PORT: "2", VISION_VALIDATOR_METRICS_PORT: "2", DATABASE_URL: "postgres://u:p@h/db" },
      flags: { "metrics-port": "3", "gateway-is-enabled": "no" },
    });
    expect(config.gateway).toMatchObject({ port: 2, host: "0.0.0.0", isEnabled: false });
    expect(config.metrics.port).toBe(3);
    expect(config.log.level).toBe("debug");
    expect(config.database.url).toBe("postgres://u:p@h/db");
  });

  it("needs no file", async () => {
    const config = await loadConfig({
      file: null,
      environment: {
        VISION_VALIDATOR_CHAIN_URL: "ws://127.0.0.1:9944",
        VISION_VALIDATOR_CHAIN_NETUID: "2",
        VISION_VALIDATOR_HOTKEY_URI: "//Alice",
        VISION_VALIDATOR_HOTKEY_ARE_DEV_KEYS_ALLOWED: "true",
        VISION_VALIDATOR_PROBING: '{"minRequestsPerPeriod": 4}',
        VISION_VALIDATOR_WEIGHTS: '{"versionKey": 5, "leadBlocks": 3}',
        VISION_VALIDATOR_WEIGHTS_VERSION_KEY: "7",
      },
    });
    expect(config.probing.minRequestsPerPeriod).toBe(4);
    expect(config.weights).toMatchObject({ versionKey: 7n, leadBlocks: 3 });
    expect(config.hotkey).toMatchObject({ uri: "//Alice", areDevKeysAllowed: true });
  });

  it("takes several endpoints of the chain, alone or beside a network", async () => {
    const endpoints = ["ws://127.0.0.1:9944", "wss://node.example"];
    const both = { ...minimal, chain: { ...minimal.chain, endpoints } };
    expect((await loadConfig({ file: await file(both), environment: {} })).chain).toMatchObject({ network: "test", endpoints });
    const alone = await file({ ...minimal, chain: { netuid: 19 } });
    const environment = { VISION_VALIDATOR_CHAIN_ENDPOINTS: endpoints.join(", ") };
    expect((await loadConfig({ file: alone, environment })).chain).toMatchObject({ endpoints });
    const flags = { "chain-endpoints": "ws://node.example" };
    expect((await loadConfig({ file: alone, environment, flags })).chain).toMatchObject({ endpoints: ["ws://node.example"] });
    const refused = await problemsOf({
      file: alone,
      environment: { VISION_VALIDATOR_CHAIN_ENDPOINTS: "wss://node.example,https://node.example" },
    });
    expect(refused).toEqual([{ where: "chain.endpoints.1", message: "must be a URL that starts with ws:// or wss://" }]);
    const three = { ...both.chain, url: "wss://node.example" };
    expect(await problemsOf({ file: await file({ ...minimal, chain: three }) })).toEqual([expect.objectContaining({ where: "chain" })]);
  });

  it("names every mistake of every source at once, and where to mend it", async () => {
    const problems = await problemsOf({
      file: await file({
        chain: { network: "test", url: "http://x" },
        hotkey: {},
        gatway: {},
        period: { lengthMs: 5 },
        log: { level: "loud" },
      }),
      environment: { VISION_VALIDATOR_GATEWAY_PORT: "many", VISION_VALIDATOR_GATWAY_HOST: "x" },
      flags: { "metrics-port": "70000" },
    });
    const places = problems.map((problem) => problem.where);
    expect(places).toEqual(
      expect.arrayContaining([
        "VISION_VALIDATOR_GATEWAY_PORT",
        "VISION_VALIDATOR_GATWAY_HOST",
        "metrics.port (VISION_VALIDATOR_METRICS_PORT or --metrics-port)",
        "chain.netuid (VISION_VALIDATOR_CHAIN_NETUID or --chain-netuid)",
        "chain.url (VISION_VALIDATOR_CHAIN_URL or --chain-url)",
        "period.lengthMs (VISION_VALIDATOR_PERIOD_LENGTH_MS or --period-length-ms)",
        "log.level (VISION_VALIDATOR_LOG_LEVEL or --log-level)",
        "hotkey",
      ]),
    );
    expect(problems.map((problem) => problem.message).join("\n")).toContain("gatway");
    expect(problems.find((problem) => problem.where.startsWith("chain.netuid"))?.message).toBe("is missing");
  });

  it("tells what is needed when there is nothing at all", async () => {
    const problems = await problemsOf({});
    expect(problems.map(({ where, message }) => `${where}: ${message}`)).toEqual([
      "chain.netuid (VISION_VALIDATOR_CHAIN_NETUID or --chain-netuid): is missing",
      "chain: name either a network (finney, test, local) or a url (wss://...), not both, or endpoints",
      "hotkey: name exactly one of wallet, mnemonicFile, seedFile and uri",
    ]);
  });

  it("names mistakes that only show across settings", async () => {
    const problems = await problemsOf({
      file: await file({
        ...minimal,
        scoring: { overrides: { shareExponent: 100, quality: { verdictPowr: 2 } } },
        taskChanges: { "chat-tiny": { family: "poems" } },
        hotkey: { uri: "//Alice", wallet: "mine" },
        probing: { shareBands: [{ probability: 0.5, from: 0, to: 1 }], minRequestsPerPeriod: 5, maxRequestsPerPeriod: 4 },
      }),
    });
    const text = problems.map(({ where, message }) => `${where}: ${message}`).join("\n");
    for (const part of [
      "name exactly one of wallet, mnemonicFile, seedFile and uri; there are uri and wallet",
      "areDevKeysAllowed",
      "the probabilities must sum to 1",
      "shareExponent is 100",
      "verdictPowr is not a parameter",
      "chat-tiny.family",
    ]) {
      expect(text).toContain(part);
    }
    expect((await problemsOf({ file: await file({ ...minimal, retention: { periods: 3 } }) }))[0]?.where).toBe("retention.periods");
    const off = { "chat-tiny": null, "completion-tiny": null, "image-tiny": { isEnabled: false } };
    expect((await problemsOf({ file: await file({ ...minimal, taskChanges: off }) }))[0]?.message).toContain("no task is switched on");
  });

  it("refuses one port for two listeners", async () => {
    const load = async (gateway: object, metrics: object) =>
      loadConfig({ file: await file({ ...minimal, gateway, metrics }), environment: {} });
    await expect(load({ port: 9090 }, {})).rejects.toThrow(
      "metrics.port (VISION_VALIDATOR_METRICS_PORT or --metrics-port): is the gateway's",
    );
    await expect(load({ port: 9090, host: "0.0.0.0" }, {})).rejects.toThrow("is the gateway's port too");
    await load({ port: 9090, host: "10.0.0.1" }, {});
    await load({ port: 9090, isEnabled: false }, {});
    await load({ port: 0 }, { port: 0 });
  });

  it("says that a file is missing or no JSON", async () => {
    expect(await problemsOf({ file: join(folder, "none.json") })).toContainEqual({
      where: join(folder, "none.json"),
      message: "cannot be read; check the path",
    });
    const path = await file("{ chain:");
    expect((await problemsOf({ file: path })).find((problem) => problem.where === path)?.message).toContain("is not JSON");
  });

  it("applies task changes and task weights", async () => {
    const config = await loadConfig({
      file: await file({
        ...minimal,
        taskChanges: { "image-tiny": { isEnabled: false }, "completion-tiny": null },
        taskWeights: { shares: { "chat-tiny": 7 } },
      }),
      environment: {},
    });
    expect(config.taskWeights).toEqual({ kind: "config", shares: { "chat-tiny": 7 } });
    const problemOf = async (taskWeights: unknown) => (await problemsOf({ file: await file({ ...minimal, taskWeights }) }))[0]?.message;
    expect(await problemOf({ shares: { "chat-huge": 1 } })).toContain("no such task");
    expect(await problemOf({ source: "votes", shares: { "chat-tiny": 1 } })).toContain("would not be used");
    expect(await problemOf({ shares: { "chat-tiny": 0 } })).toContain("above 0");
  });

  it("takes the registry's shares where votes are switched off and no others are given", async () => {
    const environment = { VISION_VALIDATOR_TASK_WEIGHTS_SOURCE: "config" };
    expect((await loadConfig({ file: await file(minimal), environment })).taskWeights).toEqual({
      kind: "config",
      shares: { "chat-tiny": 400_000, "completion-tiny": 250_000, "image-tiny": 350_000 },
    });
  });

  it("never repeats a secret", async () => {
    try {
      await loadConfig({
        file: await file({ ...minimal, database: { url: "mysql://root:hunter2@db" } }),
        environment: { VISION_VALIDATOR_HOTKEY_URI: "bottom drive obey lake hunter2" },
      });
      throw new Error("the configuration was accepted");
    } catch (error) {
      expect(VisionError.isInstance(error, "CONFIG_INVALID")).toBe(true);
      expect(JSON.stringify([String(error), error])).not.toContain("hunter2");
    }
    const config = await loadConfig({
      file: await file({
        chain: { url: "wss://me:hunter2@node.example", endpoints: ["wss://me:hunter2@other.example"], netuid: 1 },
        hotkey: { uri: "hunter2 //Alice", areDevKeysAllowed: true },
        database: { url: "postgres://vision:hunter2@db/vision" },
      }),
      environment: {},
    });
    expect(JSON.stringify(describeConfig(config))).not.toContain("hunter2");
    expect(describeConfig(config)).toMatchObject({ database: { url: "postgres://db/vision" }, weights: { versionKey: "1" } });
  });
});

describe("settingDefinitions", () => {
  it("have distinct names, and each names a place that the schema knows", async () => {
    expect(new Set(settingDefinitions.map(environmentName)).size).toBe(settingDefinitions.length);
    for (const definition of settingDefinitions) {
      const problems = await problemsOf({ environment: { [environmentName(definition)]: definition.kind === "json" ? "7" : "no" } });
      expect(problems.map((problem) => problem.message).join("\n")).not.toContain("unknown:");
    }
    expect(flagName({ path: ["chain", "arePrivateEndpointsAllowed"], kind: "boolean", description: "" })).toBe(
      "chain-are-private-endpoints-allowed",
    );
  });
});
