import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { describeFormerName, describeSettings } from "@vision/program";
import { defaultTasks, VisionError } from "@vision/protocol";
import { VISION } from "@vision/scoring";
import { loadChainConfig, loadConfig, loadGatewayConfig } from "./load-config.js";
import { validatorProgram } from "./schema.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vision-config-"));
  await mkdir(join(folder, "wallets", "mine", "hotkeys"), { recursive: true });
  await writeFile(join(folder, "wallets", "mine", "hotkeys", "default"), "");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const minimal = { network: "test", netuid: 19, wallet: { name: "mine", path: "wallets" } };

type Problem = { readonly where: string; readonly message: string };
type Given = {
  readonly file?: string | null;
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
};
const warnings: string[] = [];

async function load({ file = null, environment = {}, flags = {} }: Given) {
  return loadConfig({
    environment,
    flags: file === null ? flags : { ...flags, config: file },
    workingDirectory: folder,
    warn: (use) => warnings.push(describeFormerName(use)),
  });
}

async function file(settings: unknown): Promise<string> {
  const path = join(folder, `config-${Math.random().toString(36).slice(2)}.json`);
  await writeFile(path, typeof settings === "string" ? settings : JSON.stringify(settings));
  return path;
}

async function problemsOf(given: Given): Promise<readonly Problem[]> {
  try {
    await load(given);
  } catch (error) {
    if (VisionError.isInstance(error, "CONFIG_INVALID")) return error.facts["problems"] as readonly Problem[];
    throw error;
  }
  throw new Error("the configuration was accepted");
}

describe("loadConfig", () => {
  it("fills in defaults", async () => {
    const config = await load({ file: await file(minimal), environment: {} });
    expect(config.probing.periodMs).toBe(3_600_000);
    expect(config.scoring).toEqual(VISION);
    expect(config.gateway).toMatchObject({ host: "127.0.0.1", port: 8080, isEnabled: true });
    expect(config.taskWeights).toEqual({ kind: "votes" });
    expect(config.retentionPeriods).toBe(192);
    expect(config.weights.versionKey).toBe(1n);
  });

  it("takes the environment over the file, and flags over both", async () => {
    const path = await file({ ...minimal, gateway: { port: 1, host: "0.0.0.0" }, metrics: { port: 1 }, log: { level: "debug" } });
    const config = await load({
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
    const config = await load({
      file: null,
      environment: {
        VISION_VALIDATOR_NETWORK: "ws://127.0.0.1:9944",
        VISION_VALIDATOR_NETUID: "2",
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
    const both = { ...minimal, chain: { endpoints } };
    expect(await load({ file: await file(both) })).toMatchObject({ network: "test", chain: { endpoints } });
    const { network: _network, ...without } = minimal;
    const alone = await file(without);
    const environment = { VISION_VALIDATOR_CHAIN_ENDPOINTS: endpoints.join(", ") };
    expect((await load({ file: alone, environment })).chain).toMatchObject({ endpoints });
    const flags = { "chain-endpoints": "ws://node.example" };
    expect((await load({ file: alone, environment, flags })).chain).toMatchObject({ endpoints: ["ws://node.example"] });
    const refused = await problemsOf({
      file: alone,
      environment: { VISION_VALIDATOR_CHAIN_ENDPOINTS: "wss://node.example,https://node.example" },
    });
    expect(refused).toEqual([
      { where: "chain.endpoints.1 (VISION_VALIDATOR_CHAIN_ENDPOINTS)", message: "must be a URL that starts with ws:// or wss://" },
    ]);
  });

  it("names every mistake of every source at once, those across settings among them", async () => {
    const path = await file({
      network: "finny",
      gatway: {},
      period: { lengthMs: 5 },
      log: { level: "loud" },
      gateway: { port: 9090 },
      scoring: { overrides: { shareExponent: 100 } },
      taskWeights: { shares: { "chat-huge": 1 } },
      weights: { historyPeriods: 20, leadBlocks: 0 },
      retention: { periods: 3 },
      hotkey: { seedFile: "nowhere.hex" },
    });
    const problems = await problemsOf({
      file: path,
      environment: { VISION_VALIDATOR_GATEWAY_MAX_ATTEMPTS: "many", VISION_VALIDATOR_GATWAY_HOST: "x" },
      flags: { "database-max-connections": "1" },
    });
    expect(problems.map(({ where, message }) => `${where}: ${message}`)).toEqual([
      "gateway.maxAttempts (VISION_VALIDATOR_GATEWAY_MAX_ATTEMPTS): must be a number",
      "VISION_VALIDATOR_GATWAY_HOST: there is no such setting; remove it or correct its name",
      `network (${path}): must be finney, test, local or a URL that starts with ws:// or wss://`,
      "netuid (VISION_VALIDATOR_NETUID or --netuid): is missing; e.g. 19",
      "database.maxConnections (--database-max-connections): must be at least 2",
      `period.lengthMs (${path}): must be at least 1000`,
      `weights.leadBlocks (${path}): must be at least 1`,
      expect.stringMatching(/^scoring\.overrides \(.*shareExponent is 100/),
      `log.level (${path}): must be debug, info, warn, error or silent`,
      `gatway (${path}): is not a setting; remove it or correct its name`,
      `hotkey.seedFile (${path}): there is no file ${join(folder, "nowhere.hex")}`,
      "metrics.port (VISION_VALIDATOR_METRICS_PORT or --metrics-port): is the gateway's port too; give each its own",
      `retention.periods (${path}): must be at least weights.historyPeriods (20), which scores rest on`,
      expect.stringMatching(/^taskWeights\.shares\.chat-huge \(.*there is no such task/),
      expect.stringMatching(/^taskWeights\.shares \(.*above 0/),
    ]);
  });

  it("tells what is needed when there is nothing at all", async () => {
    const problems = await problemsOf({});
    expect(problems.map(({ where, message }) => `${where}: ${message}`)).toEqual([
      "netuid (VISION_VALIDATOR_NETUID or --netuid): is missing; e.g. 19",
      "network (VISION_VALIDATOR_NETWORK or --network): is missing; give finney, test, local or a ws:// URL, or give chain.endpoints",
      'hotkey: is missing; give wallet.name, hotkey.mnemonicFile, hotkey.seedFile or hotkey.uri, such as { "wallet": { "name": "default" } }',
    ]);
  });

  it("names mistakes that only show across settings", async () => {
    const problems = await problemsOf({
      file: await file({
        ...minimal,
        scoring: { overrides: { shareExponent: 100, quality: { verdictPowr: 2 }, qualty: { verdictPower: 2 } } },
        taskChanges: { "chat-tiny": { family: "poems" } },
        hotkey: { uri: "//Alice" },
        probing: { shareBands: [{ probability: 0.5, from: 0, to: 1 }], minRequestsPerPeriod: 5, maxRequestsPerPeriod: 4 },
      }),
    });
    const text = problems.map(({ where, message }) => `${where}: ${message}`).join("\n");
    for (const part of [
      "give one of wallet.name and hotkey.uri, not more",
      "areDevKeysAllowed",
      "the probabilities must sum to 1",
      "shareExponent is 100",
      "verdictPowr is not a parameter",
      "qualty is not a parameter",
      "chat-tiny.family",
    ]) {
      expect(text).toContain(part);
    }
    const off = { "chat-tiny": null, "completion-tiny": null, "embedding-tiny": null, "image-tiny": { isEnabled: false } };
    expect((await problemsOf({ file: await file({ ...minimal, taskChanges: off }) }))[0]?.message).toContain("no task is switched on");
  });

  it("refuses an address of the API that nobody could reach", async () => {
    const told = async (gateway: object) => {
      const problems = await problemsOf({ file: await file({ ...minimal, gateway }) });
      return problems.map(({ where, message }) => `${where.split(" ")[0]}: ${message}`);
    };
    const announce = (host: string) => ({ announce: { host, port: 8080 } });
    for (const host of ["api.example", "fe80::1%eth0", "127.1"]) {
      expect(await told(announce(host))).toEqual(["gateway.announce.host: must be an IP address; the chain holds no names"]);
    }
    for (const host of ["127.0.0.1", "0.0.0.0", "10.0.0.7", "::1", "fd00::1", "::ffff:127.0.0.1", "2002:7f00:1::"]) {
      expect(await told(announce(host))).toEqual([expect.stringMatching(/^gateway\.announce\.host: is no address of the public internet/)]);
    }
    expect(await told({ ...announce("9.9.9.9"), isEnabled: false })).toEqual([expect.stringContaining("gateway.isEnabled is false")]);
    for (const host of ["9.9.9.9", "2606:4700::1111"]) {
      expect((await load({ file: await file({ ...minimal, gateway: announce(host) }) })).gateway.announce).toEqual({ host, port: 8080 });
    }
  });

  it("refuses one port for two listeners", async () => {
    const loadWith = async (gateway: object, metrics: object) => load({ file: await file({ ...minimal, gateway, metrics }) });
    await expect(loadWith({ port: 9090 }, {})).rejects.toThrow(
      "metrics.port (VISION_VALIDATOR_METRICS_PORT or --metrics-port): is the gateway's",
    );
    await expect(loadWith({ port: 9090, host: "0.0.0.0" }, {})).rejects.toThrow("is the gateway's port too");
    await loadWith({ port: 9090, host: "10.0.0.1" }, {});
    await loadWith({ port: 9090, isEnabled: false }, {});
    await loadWith({ port: 0 }, { port: 0 });
  });

  it("regression: an address with a port, and an origin that is no browser's, were called good", async () => {
    const gateway = {
      host: "0.0.0.0:8080",
      corsOrigins: ["https://app.example/", "app.example", "https://App.example", "https://app.example:8443"],
    };
    const path = await file({ ...minimal, gateway, metrics: { host: "" } });
    expect((await problemsOf({ file: path })).map(({ where, message }) => `${where.replace(` (${path})`, "")}: ${message}`)).toEqual([
      "gateway.host: must be an IP address or the name of a host, without port and brackets",
      ...[0, 1, 2].map((index) => expect.stringMatching(new RegExp(`^gateway\\.corsOrigins\\.${index}: must be \\* or an origin such as`))),
      "metrics.host: must be an IP address or the name of a host, without port and brackets",
    ]);
    for (const corsOrigins of [["*"], [], ["null", "http://localhost:3000", "chrome-extension://abcdefghij"]]) {
      expect((await load({ file: await file({ ...minimal, gateway: { corsOrigins } }) })).gateway.corsOrigins).toEqual(corsOrigins);
    }
  });

  it("says that a file is missing or no JSON", async () => {
    expect(await problemsOf({ file: join(folder, "none.json") })).toContainEqual({
      where: join(folder, "none.json"),
      message: "cannot be read; check the path and the permissions",
    });
    const path = await file("{ chain:");
    expect((await problemsOf({ file: path })).find((problem) => problem.where === path)?.message).toContain("is not JSON");
  });

  it("applies task changes and task weights", async () => {
    const config = await load({
      file: await file({
        ...minimal,
        taskChanges: { "image-tiny": { isEnabled: false }, "completion-tiny": null, "embedding-tiny": null },
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

  it("takes models to check answers against, by paths from the file's folder, with the context of their longest task", async () => {
    await writeFile(join(folder, "model.gguf"), "GGUF");
    const gguf = { kind: "gguf", path: "model.gguf", tasks: ["chat-llama-3-1-8b", "chat-tiny"] };
    const { references } = await load({ file: await file({ ...minimal, references: [gguf, { ...gguf, contextTokens: 99, threads: 3 }] }) });
    expect(references).toMatchObject([
      { ...gguf, path: join(folder, "model.gguf"), contextTokens: 16_384, gpu: "auto", threads: expect.any(Number) },
      { contextTokens: 99, threads: 3 },
    ]);
    expect((await load({ file: await file(minimal) })).references).toEqual([]);
  });

  it("takes models at vLLM servers, from the environment too, and keeps their keys to itself", async () => {
    const vllm = { kind: "vllm", url: "https://gpu.example/v1", model: "llama", apiKey: "hunter2", tasks: ["chat-llama-3-1-8b"] };
    const environment = { VISION_VALIDATOR_REFERENCES: JSON.stringify([vllm]) };
    const config = await load({ file: await file(minimal), environment });
    expect(config.references).toEqual([{ ...vllm, bestCount: 20, timeoutMs: 60_000 }]);
    expect(describeSettings(validatorProgram, config)).not.toContain("hunter2");
    const wrong = [
      { ...vllm, url: "gpu.example:8000" },
      { ...vllm, url: "https://me:hunter2@gpu.example" },
    ];
    const problems = await problemsOf({ file: await file({ ...minimal, references: wrong }) });
    expect(problems.map(({ where, message }) => `${where.split(" ")[0]}: ${message}`)).toEqual([
      "references.0.url: must be an http or https URL",
      "references.1.url: must hold no key; give it as apiKey",
    ]);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  it("a reference's URL that is none ended the program with a stack instead of its mistake", async () => {
    const references = [{ kind: "vllm", url: "localhost", model: "llama", tasks: ["chat-tiny"] }];
    expect(await problemsOf({ file: await file({ ...minimal, references }) })).toMatchObject([{ message: "must be an http or https URL" }]);
  });

  it("takes the example of the page about real models", async () => {
    const page = await readFile(new URL("../../../../docs/validating/real-models.md", import.meta.url), "utf8");
    const [, example = ""] = /```json\n([^`]*"taskChanges"[^`]*)```/.exec(page) ?? [];
    const settings = JSON.parse(example) as { references: { path: string; sha256: string }[] };
    await writeFile(join(folder, "model.gguf"), "GGUF");
    const references = settings.references.map((each) => ({ ...each, path: "model.gguf", sha256: "00".repeat(32) }));
    const config = await load({ file: await file({ ...minimal, ...settings, references }) });
    expect(config.references).toMatchObject([{ tasks: ["chat-smollm2-135m"], contextTokens: 2048 }]);
    expect(config.registry.get("chat-smollm2-135m")?.isEnabled).toBe(true);
    expect(config.taskWeights).toMatchObject({ kind: "config", shares: { "chat-smollm2-135m": 4 } });
  });

  it("looks for no model file where checkers have them", async () => {
    const references = [{ kind: "gguf", path: "elsewhere.gguf", tasks: ["chat-tiny"] }];
    const config = await load({ file: await file({ ...minimal, references, checks: { isOwn: false } }) });
    expect(config.checks.isOwn).toBe(false);
  });

  it("what only reads the chain was refused where the file of tasks names a model file of another machine", async () => {
    const tasksFile = await file({
      references: [{ kind: "gguf", path: "elsewhere.gguf", tasks: ["chat-tiny"] }],
      shares: { "chat-tiny": 5 },
    });
    const flags = { config: await file({ ...minimal, tasksFile, checks: { isOwn: false } }) };
    const config = await loadChainConfig({ environment: {}, flags, workingDirectory: folder, warn: () => undefined });
    expect(config.defaultShares).toEqual({ "chat-tiny": 5 });
  });

  it("puts a file of tasks over the configuration, whose references and shares may name the file's tasks", async () => {
    const dataDir = join(folder, "state");
    await mkdir(join(dataDir, "models"), { recursive: true });
    await writeFile(join(dataDir, "models", "model.gguf"), "GGUF");
    const tasks = {
      tasks: { "chat-mine": { ...defaultTasks[0], id: undefined, displayName: "Mine" }, "image-tiny": null },
      references: [{ kind: "gguf", path: "models/model.gguf", tasks: ["chat-mine"] }],
      shares: { "chat-tiny": 5 },
    };
    await writeFile(join(dataDir, "tasks.json"), JSON.stringify(tasks));
    const vllm = { kind: "vllm", url: "http://gpu.example/v1", model: "mine", tasks: ["chat-mine"] };
    const settings = { ...minimal, database: { dataDir: "state" }, references: [vllm], taskWeights: { shares: { "chat-mine": 2 } } };
    const config = await load({ file: await file(settings) });
    expect(config.tasksFile).toBe(join(dataDir, "tasks.json"));
    expect(config.registry.get("chat-mine")).toMatchObject({ id: "chat-mine", displayName: "Mine" });
    expect(config.registry.has("image-tiny")).toBe(false);
    expect(config.references).toMatchObject([vllm, { path: join(dataDir, "models", "model.gguf"), contextTokens: 512 }]);
    expect(config.taskWeights).toMatchObject({ kind: "config", shares: { "chat-mine": 2, "chat-tiny": 5, "completion-tiny": 0 } });

    const elsewhere = await file({ tasks: { "chat-tiny": { timeoutMs: "long" } } });
    const problems = await problemsOf({ file: await file({ ...minimal, tasksFile: elsewhere, period: { lengthMs: 0 } }) });
    expect(problems.map(({ where, message }) => `${where.split(" ")[0]}: ${message}`)).toEqual([
      "period.lengthMs: must be at least 1000",
      "tasks.chat-tiny.timeoutMs: must be a number, not text",
    ]);
    await rm(dataDir, { recursive: true });
  });

  it("says all at once what of a reference fits no task, or is not there", async () => {
    const references = [
      { kind: "gguf", path: "none.gguf", tasks: ["chat-huge"] },
      { kind: "gguf", path: "none.gguf", tasks: ["chat-tiny", "image-tiny"] },
    ];
    const problems = await problemsOf({ file: await file({ ...minimal, references }) });
    const text = problems.map(({ where, message }) => `${where.split(" ")[0]}: ${message}`);
    expect(text).toEqual([
      expect.stringContaining("references.0.tasks.0: there is no task chat-huge; add it in taskChanges, or name one of chat-tiny"),
      expect.stringContaining(`references.0.path: there is no file ${join(folder, "none.gguf")}`),
      expect.stringContaining("references.1.tasks.1: answers of image-tiny are not judged by a language model: its check is regenerate"),
      expect.stringContaining("references.1.path: there is no file"),
    ]);
    const wrong = [{ kind: "gguf", path: "x", sha256: "abc", tasks: [] }, { kind: "oracle" }];
    const more = (await problemsOf({ file: await file({ ...minimal, references: wrong }) })).map(({ where }) => where.split(" ")[0]);
    expect(more).toEqual(["references.0.tasks", "references.0.sha256", "references.1.kind"]);
  });

  it("takes the registry's shares where votes are switched off and no others are given", async () => {
    const environment = { VISION_VALIDATOR_TASK_WEIGHTS_SOURCE: "config" };
    expect((await load({ file: await file(minimal), environment })).taskWeights).toEqual({
      kind: "config",
      shares: { "chat-tiny": 400_000, "completion-tiny": 200_000, "embedding-tiny": 100_000, "image-tiny": 300_000 },
    });
  });

  it("a validator began to run whose own shares, all of them the file's, paid nobody, and was refused only when the file was read again", async () => {
    const shares = { "chat-tiny": 0, "completion-tiny": 0, "embedding-tiny": 0, "image-tiny": 0, "image-edit-tiny": 0 };
    const settings = { ...minimal, tasksFile: await file({ shares }), taskWeights: { source: "config" } };
    expect(await problemsOf({ file: await file(settings) })).toMatchObject([
      { message: expect.stringContaining("no task that is switched on has a share above 0") },
    ]);
    expect((await load({ file: await file({ ...settings, taskWeights: {} }) })).taskWeights).toMatchObject({ kind: "votes" });
  });

  it("never repeats a secret", async () => {
    try {
      await load({
        file: await file({ ...minimal, database: { url: "mysql://root:hunter2@db" } }),
        environment: { VISION_VALIDATOR_HOTKEY_URI: "bottom drive obey lake hunter2" },
      });
      throw new Error("the configuration was accepted");
    } catch (error) {
      expect(VisionError.isInstance(error, "CONFIG_INVALID")).toBe(true);
      expect(JSON.stringify([String(error), error])).not.toContain("hunter2");
    }
    const config = await load({
      file: await file({
        network: "wss://me:hunter2@node.example",
        netuid: 1,
        chain: { endpoints: ["wss://me:hunter2@other.example"] },
        hotkey: { uri: "//hunter2", areDevKeysAllowed: true },
        database: { url: "postgres://vision:hunter2@db/vision" },
      }),
      environment: {},
    });
    const described = describeSettings(validatorProgram, config);
    expect(described).not.toContain("hunter2");
    expect(JSON.parse(described)).toMatchObject({ database: { url: "postgres://db/vision" }, weights: { versionKey: "1" } });
  });
});

describe("former names", () => {
  it("are taken from every source for one release, with a warning that names the new one", async () => {
    warnings.length = 0;
    const path = await file({ chain: { network: "test", netuid: 1 }, hotkey: { wallet: "mine", walletsPath: "wallets" } });
    const config = await load({
      file: path,
      environment: { VISION_VALIDATOR_CHAIN_NETUID: "19" },
      flags: { "hotkey-wallet-hotkey": "default" },
    });
    expect(config).toMatchObject({
      network: "test",
      netuid: 19,
      wallet: { name: "mine", hotkey: "default", path: join(folder, "wallets") },
    });
    expect(warnings.map((warning) => warning.replace(/;.*/, ""))).toEqual([
      `chain.network (${path}) is called network now`,
      `chain.netuid (${path}) is called netuid now`,
      `hotkey.wallet (${path}) is called wallet.name now`,
      `hotkey.walletsPath (${path}) is called wallet.path now`,
      "VISION_VALIDATOR_CHAIN_NETUID is called VISION_VALIDATOR_NETUID now",
      "--hotkey-wallet-hotkey is called --wallet-hotkey now",
    ]);
  });
});

describe("validatorProgram", () => {
  it("has settings of distinct names, and each names a place that the schema knows", async () => {
    const names = validatorProgram.definitions.flatMap((definition) => [definition.names, ...definition.former.map((each) => each.names)]);
    const flags = names.flatMap((each) => (each === null ? [] : [each.flag]));
    expect(new Set(flags).size).toBe(flags.length);
    for (const { names: own, kind } of validatorProgram.definitions) {
      const environment = { [own?.variable ?? ""]: kind === "json" ? "7" : "no" };
      expect((await problemsOf({ environment })).map(({ message }) => message).join("\n")).not.toContain("is not a setting");
    }
    expect(flags).toContain("chain-are-private-endpoints-allowed");
  });
});

describe("gateways in processes of their own", () => {
  const separate = { ...minimal, gateway: { isSeparate: true } };
  const places = { database: { url: "postgresql://db/vision" }, redis: { url: "redis://cache" } };
  const loadGateway = async (settings: object) =>
    loadGatewayConfig({ environment: {}, flags: { config: await file(settings) }, workingDirectory: folder, warn: () => undefined });

  it("need a PostgreSQL and a Redis that all of them reach, at the validator too", async () => {
    const missing = [
      { where: expect.stringContaining("database.url"), message: expect.stringContaining("not the embedded one") },
      { where: expect.stringContaining("redis.url"), message: expect.stringContaining("counts what all of them take") },
    ];
    expect(await problemsOf({ file: await file(separate) })).toMatchObject(missing);
    await expect(loadGateway(separate)).rejects.toMatchObject({ code: "CONFIG_INVALID", facts: { problems: missing } });
    expect((await load({ file: await file({ ...separate, ...places }) })).gateway.isSeparate).toBe(true);
    // Switched off there is nothing to share.
    expect((await load({ file: await file({ ...minimal, gateway: { isSeparate: true, isEnabled: false } }) })).gateway.isEnabled).toBe(
      false,
    );
  });

  it("read the validator's file, and refuse one by which the validator serves the API itself", async () => {
    expect(await loadGateway({ ...separate, ...places })).toMatchObject({ ...places, gateway: { isSeparate: true, port: 8080 } });
    for (const gateway of [{}, { isSeparate: true, isEnabled: false }]) {
      await expect(loadGateway({ ...minimal, ...places, gateway })).rejects.toMatchObject({
        facts: { problems: [{ where: expect.stringContaining(Object.keys(gateway).at(-1) ?? "isSeparate") }] },
      });
    }
  });

  it("leave their port to the validator's metrics, and have metrics of their own elsewhere", async () => {
    const samePort = { ...places, gateway: { isSeparate: true, port: 9_090 }, metrics: { port: 9_090 } };
    await load({ file: await file({ ...minimal, ...samePort }) });
    await expect(loadGateway({ ...minimal, ...samePort })).rejects.toMatchObject({
      facts: { problems: [{ where: expect.stringContaining("metrics.port") }] },
    });
  });
});
