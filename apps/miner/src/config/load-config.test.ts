import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { describeFormerName } from "@vision/program";
import { VisionError } from "@vision/sdk";
import { loadChainCommandConfig, loadConfig } from "./load-config.js";
import { minerProgram } from "./miner-config.js";

let folder = "";
const warnings: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vision-miner-config-"));
  await mkdir(join(folder, "wallets", "mine", "hotkeys"), { recursive: true });
  const files = ["hotkey.txt", "seed", join("wallets", "mine", "hotkeys", "default"), join("wallets", "mine", "hotkeys", "gpu-2")];
  await Promise.all(files.map((file) => writeFile(join(folder, file), "")));
});
beforeEach(() => void warnings.splice(0));
afterAll(() => rm(folder, { recursive: true, force: true }));

const good = {
  hotkey: { mnemonicFile: "hotkey.txt" },
  tasks: { "chat-tiny": { capacityPerHour: 60_000 } },
  backends: { local: { kind: "tiny" } },
};

type Given = { readonly environment?: Record<string, string>; readonly flags?: Record<string, string> };

async function sourcesOf(content: unknown, { environment = {}, flags = {} }: Given) {
  await writeFile(join(folder, "miner.json"), JSON.stringify(content));
  return {
    environment,
    flags: { config: "miner.json", ...flags },
    workingDirectory: folder,
    warn: (use: { readonly former: string; readonly name: string }) => warnings.push(describeFormerName(use)),
  };
}

async function load(content: unknown, given: Given = {}) {
  return (await loadConfig(await sourcesOf(content, given))).settings;
}

async function problems(content: unknown, given: Given = {}): Promise<readonly string[]> {
  return problemsOf(load(content, given));
}

async function problemsOf(loading: Promise<unknown>): Promise<readonly string[]> {
  try {
    await loading;
  } catch (error) {
    if (!VisionError.isInstance(error, "CONFIG_INVALID")) throw error;
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.replace("  - ", "").replace(" (miner.json)", ""));
  }
  return [];
}

describe("loadConfig", () => {
  it("fills in the defaults", async () => {
    expect(await load(good)).toMatchObject({
      listen: { host: "0.0.0.0", port: 8091 },
      log: { level: "info" },
      hotkey: { areDevKeysAllowed: false },
      capacitySharing: "among-active",
    });
  });

  it("works from the environment alone", async () => {
    const environment = {
      VISION_MINER_HOTKEY_URI: "//Alice",
      VISION_MINER_HOTKEY_ARE_DEV_KEYS_ALLOWED: "true",
      VISION_MINER_TASKS: '{"chat-tiny":{"capacityPerHour":1000}}',
      VISION_MINER_BACKENDS: '{"local":{"kind":"tiny"}}',
    };
    const loaded = await loadConfig({ environment, flags: {}, workingDirectory: folder, warn: () => undefined });
    expect(loaded.settings.hotkey.uri).toBe("//Alice");
  });

  it("lists every mistake at once, with where it came from and what to change", async () => {
    const file = {
      hotkey: { seedFile: "seed", mnemonicFile: "hotkey.txt" },
      tasks: { "chat-tiny": { capacityPerHour: -5, backend: "nowhere" }, "Chat Tiny": { capacityPerHour: 1, backend: "server" } },
      backends: { server: { kind: "openai-compatible", baseUrl: "localhost" }, other: { kind: "magic" } },
      taskDefinitions: [{ id: "chat-own" }],
      lissten: {},
    };
    const environment = { VISION_MINER_LISTEN_PORT: "eighty", VISION_MINER_LOGLEVEL: "debug" };
    expect(await problems(file, { environment, flags: { "hotkey-are-dev-keys-allowed": "perhaps" } })).toEqual(
      expect.arrayContaining([
        "listen.port (VISION_MINER_LISTEN_PORT): must be a number",
        "hotkey.areDevKeysAllowed (--hotkey-are-dev-keys-allowed): must be true or false",
        "VISION_MINER_LOGLEVEL: there is no such setting; remove it or correct its name",
        "tasks.chat-tiny.capacityPerHour: must be above 0",
        "tasks.Chat Tiny: must be lower-case words joined by hyphens",
        "backends.server.baseUrl: must be an http or https URL",
        "backends.other.kind: must be tiny, openai-compatible, llama-cpp, module or pooled",
        "taskDefinitions.0.family: is missing",
        "lissten: is not a setting; remove it or correct its name",
        "hotkey: give one of hotkey.mnemonicFile and hotkey.seedFile, not more",
        'tasks.chat-tiny.backend: names no backend "nowhere"; choose from server, other',
      ]),
    );
  });

  it("says what is missing from an empty configuration, with an example for each", async () => {
    expect(await problems({})).toEqual([
      expect.stringMatching(/^tasks \(VISION_MINER_TASKS or --tasks\): is missing; e\.g\. \{/),
      expect.stringMatching(/^backends \(VISION_MINER_BACKENDS or --backends\): is missing; e\.g\. \{/),
      expect.stringMatching(/^hotkey: is missing; give wallet\.name/),
    ]);
  });

  it("refuses a development key unless it is allowed", async () => {
    expect(await problems({ ...good, hotkey: { uri: "//Alice" } })).toEqual([
      expect.stringContaining("set hotkey.areDevKeysAllowed to true"),
    ]);
    expect(await problems({ ...good, hotkey: { uri: "//Alice", areDevKeysAllowed: true } })).toEqual([]);
  });

  it("takes the hotkey from a wallet, by file, environment and flags", async () => {
    const { hotkey: _hotkey, ...rest } = good;
    const wallet = { name: "mine", path: "wallets" };
    expect((await load({ ...rest, wallet })).wallet).toEqual({ name: "mine", path: join(folder, "wallets") });
    const environment = { VISION_MINER_WALLET_NAME: "mine", VISION_MINER_WALLET_PATH: "wallets" };
    expect((await load(rest, { environment, flags: { "wallet-hotkey": "gpu-2" } })).wallet).toEqual({
      name: "mine",
      hotkey: "gpu-2",
      path: join(folder, "wallets"),
    });
  });

  it("takes what it was called before, and names the new names", async () => {
    const file = { ...good, hotkey: { wallet: "mine", walletsPath: "wallets" }, chain: { url: "test", netuid: 1 }, logLevel: "debug" };
    expect(await load(file, { environment: { VISION_MINER_ALLOW_DEV_KEYS: "true" }, flags: { "chain-netuid": "19" } })).toMatchObject({
      wallet: { name: "mine", path: join(folder, "wallets") },
      hotkey: { areDevKeysAllowed: true },
      network: "test",
      netuid: 19,
      log: { level: "debug" },
    });
    expect(warnings).toHaveLength(7);
    warnings.splice(0);
    const { hotkey: _hotkey, ...rest } = good;
    expect((await load(rest, { flags: { wallet: "mine", "wallets-path": "wallets", "log-level": "warn" } })).wallet.name).toBe("mine");
    expect(warnings.map((warning) => warning.replace(/ now;.*/, ""))).toEqual([
      "--wallet is called --wallet-name",
      "--wallets-path is called --wallet-path",
    ]);
  });

  it("refuses a wallet beside another key, and a hotkey's name without a wallet", async () => {
    expect(await problems({ ...good, wallet: { name: "mine", path: "wallets" } })).toEqual([
      "hotkey: give one of wallet.name and hotkey.mnemonicFile, not more",
    ]);
    expect(await problems({ ...good, wallet: { hotkey: "gpu-1" } })).toEqual([expect.stringContaining("give wallet.name too")]);
  });

  it("loads what commands about the chain need without looking at the rest", async () => {
    const part = { wallet: { name: "mine", path: "wallets" }, tasks: 7, backends: {} };
    const loadPart = async (given: Given) => loadChainCommandConfig(await sourcesOf(part, given));
    const flags = { netuid: "19" };
    expect(await problemsOf(loadPart({ flags }))).toEqual([expect.stringMatching(/^network .*is missing/)]);
    expect(await loadPart({ flags, environment: { VISION_MINER_NETWORK: "test" } })).toMatchObject({
      wallet: { name: "mine" },
      network: "test",
      netuid: 19,
    });
  });

  it("refuses a task that names no backend when there are several, or one that does not exist", async () => {
    const backends = { a: { kind: "tiny" }, b: { kind: "tiny" } };
    expect(await problems({ ...good, backends })).toEqual(["tasks.chat-tiny.backend: is missing; choose from a, b"]);
    const tasks = { "chat-tiny": { capacityPerHour: 1, backend: "c" } };
    expect(await problems({ ...good, backends, tasks })).toEqual(['tasks.chat-tiny.backend: names no backend "c"; choose from a, b']);
  });

  it("takes pools of tasks that share a machine, and refuses more than a whole one with the rest of the mistakes", async () => {
    const tasks = { "chat-tiny": { capacityPerHour: 60_000 }, "completion-tiny": { capacityPerHour: 90_000 } };
    const pools = { gpu0: { tasks: { "chat-tiny": 0.7, "completion-tiny": 0.3 }, concurrency: 4 } };
    expect((await load({ ...good, tasks, pools })).pools).toEqual(pools);
    expect((await load(good)).pools).toEqual({});
    const environment = { VISION_MINER_POOLS: '{"gpu0":{"tasks":{"chat-tiny":0.9,"completion-tiny":0.9,"image-tiny":0}}}' };
    expect(await problems({ ...good, tasks, capacitySharing: "none" }, { environment })).toEqual([
      "pools.gpu0.tasks.image-tiny (VISION_MINER_POOLS): must be above 0",
      "pools.gpu0.tasks.image-tiny (VISION_MINER_POOLS): there is no such task in tasks",
      "pools.gpu0.tasks (VISION_MINER_POOLS): its fractions add up to 1.8; they are parts of one machine, so 1 at most",
      "capacitySharing: would declare the machines of pools to every validator in full; choose among-active or among-permitted",
    ]);
  });

  it("reads the chain from the environment, stake as an exact number", async () => {
    const environment = {
      VISION_MINER_NETWORK: "finney",
      VISION_MINER_NETUID: "19",
      VISION_MINER_CHAIN_MIN_STAKE_RAO: "9007199254740993000",
      VISION_MINER_CHAIN_ANNOUNCE_HOST: "8.8.4.4",
      VISION_MINER_CHAIN_ANNOUNCE_PORT: "8091",
    };
    const chain = { minStakeRao: 9007199254740993000n, requirePermit: true, announce: { host: "8.8.4.4", port: 8091 } };
    expect(await load(good, { environment })).toMatchObject({ network: "finney", netuid: 19, chain });
    const validators = { allow: ["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"] };
    expect(await problems({ ...good, validators }, { environment })).toEqual([
      expect.stringContaining("cannot be given together with netuid"),
    ]);
  });

  it("takes several endpoints of the chain, alone or beside a network", async () => {
    const endpoints = ["ws://127.0.0.1:9944", "wss://node.example"];
    const both = { ...good, network: "finney", netuid: 19, chain: { endpoints: ["ws://10.0.0.1:9944"] } };
    expect(await load(both)).toMatchObject({ network: "finney", chain: both.chain });
    const environment = { VISION_MINER_CHAIN_ENDPOINTS: endpoints.join(", ") };
    expect(await load(both, { environment })).toMatchObject({ network: "finney", chain: { endpoints } });
    const alone = await load({ ...good, netuid: 19 }, { environment, flags: { "chain-endpoints": "ws://node.example" } });
    expect(alone.chain.endpoints).toEqual(["ws://node.example"]);
  });

  it("refuses half a chain, misspelt networks, and URLs that are no WebSocket's", async () => {
    expect(await problems({ ...good, network: "finny", chain: { endpoints: ["https://node.example", "node.example:9944"] } })).toEqual([
      expect.stringMatching(/^network: must be finney, test, local or a URL that starts with ws:/),
      expect.stringMatching(/^chain\.endpoints\.0: must be a URL that starts with ws:/),
      expect.stringMatching(/^chain\.endpoints\.1: must be a URL that starts with ws:/),
      "netuid (VISION_MINER_NETUID or --netuid): is missing; e.g. 19",
    ]);
    expect(await problems({ ...good, netuid: 1 })).toEqual([expect.stringMatching(/^network .*is missing/)]);
    expect(await problems({ ...good, network: "http://127.0.0.1:9944", netuid: 1 })).toEqual([expect.stringContaining("network")]);
  });

  it("refuses to publish what no validator could reach, except on a chain for development", async () => {
    const announcing = (network: string, host: string) =>
      problems({ ...good, network, netuid: 1, chain: { announce: { host, port: 8091 } } });
    for (const host of ["127.0.0.2", "0.0.0.0", "192.168.1.7", "203.0.113.7", "::1"]) {
      expect(await announcing("finney", host)).toEqual([
        expect.stringMatching(/^chain\.announce\.host: is no address of the public internet/),
      ]);
      expect(await announcing("local", host)).toEqual([]);
    }
    expect(await announcing("ws://127.0.0.1:9944", "127.0.0.2")).toEqual([]);
    expect(await announcing("local", "miner.example")).toEqual([expect.stringContaining("must be an IP address")]);
    expect(await announcing("finney", "8.8.8.8")).toEqual([]);
    const beside = { network: "finney", netuid: 1, chain: { endpoints: ["ws://127.0.0.1:9944"], announce: { host: "10.0.0.1", port: 1 } } };
    expect(await problems({ ...good, ...beside })).toHaveLength(1);
  });

  it("regression: one port for requests and metrics, and an address with a port, were called good", async () => {
    const places = (listen: object, metrics: object) => problems({ ...good, listen, metrics: { isEnabled: true, ...metrics } });
    expect(await places({ port: 9091 }, {})).toEqual([expect.stringMatching(/^metrics\.port .*: is listen\.port too; give each its own$/)]);
    expect(await places({ port: 9091, host: "10.0.0.1" }, {})).toEqual([]);
    expect(await places({ port: 0 }, { port: 0 })).toEqual([]);
    expect(await places({ port: 9091 }, { isEnabled: false })).toEqual([]);
    expect(await places({ host: "0.0.0.0:8091" }, { host: "[::1]" })).toEqual([
      expect.stringMatching(/^listen\.host: must be an IP address or the name of a host/),
      expect.stringMatching(/^metrics\.host: must be an IP address or the name of a host/),
    ]);
  });

  it("checks the backend inside a module's", async () => {
    const backends = { odd: { kind: "module", path: "seed", inner: { kind: "module", path: "seed", inner: { kind: "llama-cpp" } } } };
    expect(await problems({ ...good, backends })).toEqual(["backends.odd.inner.inner.modelPath: is missing"]);
  });

  it("names every file that is not there, together with the other mistakes", async () => {
    const backends = {
      model: { kind: "llama-cpp", modelPath: "model.gguf", threads: -1 },
      module: { kind: "module", path: "mine.mjs", inner: { kind: "module", path: "." } },
    };
    const tasks = { "chat-tiny": { capacityPerHour: 1, backend: "model" } };
    expect(await problems({ hotkey: { seedFile: "none" }, tasks, backends })).toEqual([
      "backends.model.threads: must be at least 0",
      `hotkey.seedFile: there is no file ${join(folder, "none")}`,
      `backends.model.modelPath: there is no file ${join(folder, "model.gguf")}`,
      `backends.module.path: there is no file ${join(folder, "mine.mjs")}`,
      `backends.module.inner.path: ${folder} is no file`,
    ]);
    expect(await problems({ ...good, backends: { model: { kind: "llama-cpp", modelPath: "seed" } } })).toEqual([]);
  });

  it("looks for the wallet's hotkey", async () => {
    const { hotkey: _hotkey, ...rest } = good;
    expect(await problems({ ...rest, wallet: { name: "mine", hotkey: "gpu-9", path: "wallets" } })).toEqual([
      `wallet.name: there is no file ${join(folder, "wallets", "mine", "hotkeys", "gpu-9")}`,
    ]);
    expect(await problems({ ...rest, wallet: { name: "../mine" } })).toEqual([expect.stringMatching(/^wallet\.name: .*path separator/)]);
  });
});

describe("minerProgram", () => {
  it("has settings of distinct names", () => {
    const names = minerProgram.definitions.flatMap((definition) => [definition.names, ...definition.former.map((each) => each.names)]);
    const flags = names.flatMap((each) => (each === null ? [] : [each.flag]));
    expect(new Set(flags).size).toBe(flags.length);
  });
});
