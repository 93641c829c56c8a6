import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { chainCommandSchema } from "./chain-command-config.js";
import { type ConfigSources, loadConfig, loadConfigAndLook, loadConfigPart } from "./load-config.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vision-miner-config-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const good = {
  hotkey: { mnemonicFile: "hotkey.txt" },
  tasks: { "chat-tiny": { capacityPerHour: 60_000 } },
  backends: { local: { kind: "tiny" } },
};

async function load(content: unknown, sources: Partial<ConfigSources> = {}) {
  const path = join(folder, "miner.json");
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return loadConfig({ configPath: "miner.json", environment: {}, flags: {}, workingDirectory: folder, ...sources });
}

async function problems(content: unknown, sources: Partial<ConfigSources> = {}): Promise<readonly string[]> {
  const loaded = await load(content, sources);
  return loaded.ok ? [] : loaded.problems;
}

describe("loadConfig", () => {
  it("fills in the defaults", async () => {
    expect(await load(good)).toMatchObject({
      ok: true,
      baseDirectory: folder,
      config: { listen: { host: "0.0.0.0", port: 8091 }, logLevel: "info", allowDevKeys: false, capacitySharing: "among-active" },
    });
  });

  it("lets the environment win over the file and flags win over both", async () => {
    const file = { ...good, listen: { host: "127.0.0.1", port: 1 } };
    const environment = { VISION_MINER_LISTEN_PORT: "2", VISION_MINER_LOG_LEVEL: "debug" };
    const loaded = await load(file, { environment, flags: { "listen-port": "3" } });
    expect(loaded).toMatchObject({ ok: true, config: { listen: { host: "127.0.0.1", port: 3 }, logLevel: "debug" } });
  });

  it("works from the environment alone", async () => {
    const loaded = await loadConfig({
      configPath: undefined,
      environment: {
        VISION_MINER_HOTKEY_URI: "//Alice",
        VISION_MINER_ALLOW_DEV_KEYS: "true",
        VISION_MINER_TASKS: '{"chat-tiny":{"capacityPerHour":1000}}',
        VISION_MINER_BACKENDS: '{"local":{"kind":"tiny"}}',
      },
      flags: {},
      workingDirectory: folder,
    });
    expect(loaded).toMatchObject({ ok: true, config: { hotkey: { uri: "//Alice" } } });
  });

  it("lists every mistake at once, with where it came from and what to change", async () => {
    const file = {
      ...good,
      hotkey: { mnemonicFile: "a", seedFile: "b" },
      tasks: { "chat-tiny": { capacityPerHour: -5, backend: "nowhere" }, "Chat Tiny": { capacityPerHour: 1 } },
      backends: { server: { kind: "openai-compatible", baseUrl: "localhost" }, other: { kind: "magic" } },
      lissten: {},
    };
    const environment = { VISION_MINER_LISTEN_PORT: "eighty", VISION_MINER_LOGLEVEL: "debug" };
    const found = (await problems(file, { environment, flags: { "allow-dev-keys": "perhaps" } })).join("\n");
    expect(found).toContain('listen.port: "eighty" is not a number (from VISION_MINER_LISTEN_PORT)');
    expect(found).toContain("VISION_MINER_LOGLEVEL: is not a setting");
    expect(found).toContain('allowDevKeys: "perhaps" must be true or false (from --allow-dev-keys)');
    expect(found).toContain("hotkey: give exactly one of mnemonicFile, seedFile, uri and wallet");
    expect(found).toContain("tasks.chat-tiny.capacityPerHour");
    expect(found).toContain("tasks.Chat Tiny: must be lower-case words joined by hyphens");
    expect(found).toContain('tasks.chat-tiny.backend: names no backend "nowhere"; choose from server, other');
    expect(found).toContain("backends.server.baseUrl: must be an http or https URL");
    expect(found).toContain("backends.other.kind");
    expect(found).toContain("lissten: is not a setting");
  });

  it("says what is missing from an empty configuration, with an example for each", async () => {
    const found = await problems({});
    expect(found).toHaveLength(3);
    for (const name of ["hotkey", "tasks", "backends"]) {
      expect(found.find((problem) => problem.startsWith(`${name}: is missing; e.g. {`))).toBeDefined();
    }
  });

  it("says of a wrong type that it is wrong, not that it is missing", async () => {
    const found = await problems({ ...good, tasks: 7, listen: { port: "8091" }, hotkey: { seedFile: 5 } });
    expect(found).toContainEqual(expect.stringMatching(/^tasks: Invalid input/));
    expect(found).toContainEqual(expect.stringMatching(/^listen\.port: Invalid input/));
    expect(found.join("\n")).not.toContain("is missing");
  });

  it("refuses a development key unless it is allowed", async () => {
    expect(await problems({ ...good, hotkey: { uri: "//Alice" } })).toEqual([expect.stringContaining("set allowDevKeys to true")]);
    expect(await problems({ ...good, hotkey: { uri: "//Alice" }, allowDevKeys: true })).toEqual([]);
  });

  it("takes the hotkey from a wallet, by file, environment and flags", async () => {
    expect(await load({ ...good, hotkey: { wallet: "mine", walletHotkey: "gpu-1", walletsPath: "/keys" } })).toMatchObject({
      ok: true,
      config: { hotkey: { wallet: "mine", walletHotkey: "gpu-1", walletsPath: "/keys" } },
    });
    const { hotkey: _hotkey, ...rest } = good;
    const environment = { VISION_MINER_WALLET: "mine", VISION_MINER_WALLETS_PATH: "~/keys" };
    expect(await load(rest, { environment, flags: { "wallet-hotkey": "gpu-2" } })).toMatchObject({
      ok: true,
      config: { hotkey: { wallet: "mine", walletHotkey: "gpu-2", walletsPath: "~/keys" } },
    });
  });

  it("refuses a wallet beside another key, and a hotkey's name without a wallet", async () => {
    expect(await problems({ ...good, hotkey: { wallet: "mine", seedFile: "seed" } })).toEqual([expect.stringContaining("exactly one of")]);
    expect(await problems({ ...good, hotkey: { seedFile: "seed", walletHotkey: "gpu-1" } })).toEqual([
      expect.stringContaining("give wallet too"),
    ]);
  });

  it("loads a part without looking at the rest", async () => {
    await writeFile(join(folder, "part.json"), JSON.stringify({ hotkey: { wallet: "mine" }, tasks: 7, backends: {} }));
    const sources = { configPath: "part.json", environment: {}, flags: { "chain-netuid": "19" }, workingDirectory: folder };
    expect(await loadConfigPart(sources, chainCommandSchema)).toEqual({ ok: false, problems: [expect.stringContaining("chain.url")] });
    expect(await loadConfigPart({ ...sources, environment: { VISION_MINER_CHAIN_URL: "test" } }, chainCommandSchema)).toMatchObject({
      ok: true,
      config: { hotkey: { wallet: "mine" }, chain: { url: "test", netuid: 19 } },
    });
  });

  it("refuses a task that names no backend when there are several, or one that does not exist", async () => {
    const backends = { a: { kind: "tiny" }, b: { kind: "tiny" } };
    expect(await problems({ ...good, backends })).toEqual(["tasks.chat-tiny.backend: is missing; choose from a, b"]);
    const tasks = { "chat-tiny": { capacityPerHour: 1, backend: "c" } };
    expect(await problems({ ...good, backends, tasks })).toEqual(['tasks.chat-tiny.backend: names no backend "c"; choose from a, b']);
  });

  it("reads the chain from the environment, stake as an exact number", async () => {
    const environment = {
      VISION_MINER_CHAIN_URL: "finney",
      VISION_MINER_CHAIN_NETUID: "19",
      VISION_MINER_CHAIN_MIN_STAKE_RAO: "9007199254740993000",
      VISION_MINER_CHAIN_ANNOUNCE_HOST: "8.8.4.4",
      VISION_MINER_CHAIN_ANNOUNCE_PORT: "8091",
    };
    const chain = { url: "finney", netuid: 19, minStakeRao: 9007199254740993000n, requirePermit: true };
    expect(await load(good, { environment })).toMatchObject({
      ok: true,
      config: { chain: { ...chain, announce: { host: "8.8.4.4", port: 8091 } } },
    });
    const validators = { allow: ["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"] };
    expect(await problems({ ...good, validators }, { environment })).toEqual([
      expect.stringContaining("cannot be given together with chain"),
    ]);
  });

  it("takes several endpoints of the chain, alone or beside a network", async () => {
    const endpoints = ["ws://127.0.0.1:9944", "wss://node.example"];
    const chain = { url: "finney", netuid: 19, endpoints: ["ws://10.0.0.1:9944"] };
    expect(await load({ ...good, chain })).toMatchObject({ ok: true, config: { chain } });
    const environment = { VISION_MINER_CHAIN_ENDPOINTS: endpoints.join(", ") };
    expect(await load({ ...good, chain }, { environment })).toMatchObject({ ok: true, config: { chain: { url: "finney", endpoints } } });
    expect(
      await load({ ...good, chain: { netuid: 19 } }, { environment, flags: { "chain-endpoints": "ws://node.example" } }),
    ).toMatchObject({ ok: true, config: { chain: { endpoints: ["ws://node.example"] } } });
  });

  it("refuses misspelt networks, and URLs that are no WebSocket's", async () => {
    expect(await problems({ ...good, chain: { url: "finny", endpoints: ["https://node.example", "node.example:9944"] } })).toEqual([
      expect.stringMatching(/^chain\.url: must be finney, test, local or a URL that starts with ws:/),
      expect.stringMatching(/^chain\.endpoints\.0: must be a URL that starts with ws:/),
      expect.stringMatching(/^chain\.endpoints\.1: must be a URL that starts with ws:/),
      expect.stringMatching(/^chain\.netuid: is missing/),
    ]);
    expect(await problems({ ...good, chain: { url: "http://127.0.0.1:9944", netuid: 1 } })).toEqual([expect.stringContaining("chain.url")]);
  });

  it("refuses to publish what no validator could reach, except on a chain for development", async () => {
    const announcing = (url: string, host: string) => problems({ ...good, chain: { url, netuid: 1, announce: { host, port: 8091 } } });
    for (const host of ["127.0.0.2", "0.0.0.0", "192.168.1.7", "203.0.113.7", "::1"]) {
      expect(await announcing("finney", host)).toEqual([
        expect.stringMatching(/^chain\.announce\.host: is no address of the public internet/),
      ]);
      expect(await announcing("local", host)).toEqual([]);
    }
    expect(await announcing("ws://127.0.0.1:9944", "127.0.0.2")).toEqual([]);
    expect(await announcing("local", "miner.example")).toEqual([expect.stringContaining("must be an IP address")]);
    expect(await announcing("finney", "8.8.8.8")).toEqual([]);
    const beside = { url: "finney", endpoints: ["ws://127.0.0.1:9944"], netuid: 1, announce: { host: "10.0.0.1", port: 1 } };
    expect(await problems({ ...good, chain: beside })).toHaveLength(1);
  });

  it("checks the backend inside a module's", async () => {
    const backends = { odd: { kind: "module", path: "odd.mjs", inner: { kind: "module", path: "x.mjs", inner: { kind: "llama-cpp" } } } };
    expect(await problems({ ...good, backends })).toEqual([expect.stringContaining("backends.odd.inner.inner.modelPath")]);
  });

  it("says why a config file cannot be read", async () => {
    expect((await problems("{ not json"))[0]).toMatch(/^config file: .*miner\.json cannot be read as JSON/);
    const missing = await loadConfig({ configPath: "nowhere.json", environment: {}, flags: {}, workingDirectory: folder });
    expect(missing.ok ? "" : missing.problems[0]).toContain("nowhere.json cannot be read");
  });
});

describe("loadConfigAndLook", () => {
  const look = async (content: unknown) => {
    await writeFile(join(folder, "look.json"), JSON.stringify(content));
    const loaded = await loadConfigAndLook({ configPath: "look.json", environment: {}, flags: {}, workingDirectory: folder });
    return loaded.ok ? [] : loaded.problems;
  };

  it("names every file that is not there, together with the other mistakes", async () => {
    const backends = {
      model: { kind: "llama-cpp", modelPath: "model.gguf", threads: -1 },
      module: { kind: "module", path: "mine.mjs", inner: { kind: "module", path: "." } },
    };
    const tasks = { "chat-tiny": { capacityPerHour: 1, backend: "model" } };
    expect(await look({ ...good, tasks, backends })).toEqual([
      expect.stringContaining("backends.model.threads"),
      `hotkey.mnemonicFile: there is no file ${join(folder, "hotkey.txt")}`,
      `backends.model.modelPath: there is no file ${join(folder, "model.gguf")}`,
      `backends.module.path: there is no file ${join(folder, "mine.mjs")}`,
      `backends.module.inner.path: ${folder} is no file`,
    ]);
    await Promise.all(["hotkey.txt", "model.gguf"].map((name) => writeFile(join(folder, name), "")));
    expect(await look({ ...good, tasks, backends: { model: { kind: "llama-cpp", modelPath: "model.gguf" } } })).toEqual([]);
  });

  it("looks for the wallet's hotkey", async () => {
    expect(await look({ ...good, hotkey: { wallet: "mine", walletsPath: "wallets" } })).toEqual([
      `hotkey.wallet: there is no file ${join(folder, "wallets", "mine", "hotkeys", "default")}`,
    ]);
    expect(await look({ ...good, hotkey: { wallet: "../mine" } })).toEqual([expect.stringMatching(/^hotkey\.wallet: .*path separator/)]);
  });
});
