import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createFakeChain } from "@vision/chain/testing";
import { hashFile } from "@vision/checking";
import type { PeriodReport } from "@vision/protocol";
import { createMiner, type InferenceBackend, silentLogger } from "@vision/sdk";
import { llamaCpp } from "@vision/sdk/backends";
import { type MinerServer, serve } from "@vision/sdk/node";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { loadConfig } from "../src/config/index.js";
import { createValidator, type Validator } from "../src/create-validator.js";
import { createMemoryStore } from "../src/testing/memory-store.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { bundlePrograms } from "./bundle-programs.js";

const taskId = "chat-smollm2-135m";
const modelPath = process.env["VISION_SMOLLM2_GGUF"] ?? "";
const tinyPath = fileURLToPath(new URL("../../../packages/tiny/models/tiny-lm-q8_0.gguf", import.meta.url));

type LlamaFiles = {
  readGgufFileInfo(path: string): Promise<{
    readonly fullTensorInfo?: readonly {
      readonly ggmlType: number;
      readonly fileOffset: number | bigint;
      readonly dimensions: readonly (number | bigint)[];
    }[];
  }>;
};

async function loadLlamaFiles(): Promise<LlamaFiles | null> {
  const packageName = "node-llama-cpp";
  return import(packageName).catch(() => null);
}

const Q4_1 = 3;
const BLOCK_WEIGHTS = 32;
const BLOCK_BYTES = 20; // two 16-bit numbers and 32 weights of 4 bits
const SCALE_BYTES = 4;

/** The file with two bits of each Q4_1 weight: a miner that saves memory and says nothing of it. */
async function withTwoBits(path: string, files: LlamaFiles): Promise<Uint8Array> {
  const { fullTensorInfo = [] } = await files.readGgufFileInfo(path);
  const bytes = Uint8Array.from(await readFile(path));
  for (const { ggmlType, fileOffset, dimensions } of fullTensorInfo) {
    if (ggmlType !== Q4_1) continue;
    const weights = dimensions.reduce<number>((product, size) => product * Number(size), 1);
    const end = Number(fileOffset) + (weights / BLOCK_WEIGHTS) * BLOCK_BYTES;
    for (let block = Number(fileOffset); block < end; block += BLOCK_BYTES) {
      for (let at = block + SCALE_BYTES; at < block + BLOCK_BYTES; at += 1) bytes[at] = ((bytes[at] ?? 0) & 0xcc) | 0x22;
    }
  }
  return bytes;
}

/** Everything but chain and database as an operator would have it: a configuration file, miners on loopback, one model file for both sides. */
function describeRealModel(path: string, files: LlamaFiles): void {
  describe("a task on SmolLM2-135M, from the configuration to the weights", () => {
    const servers: MinerServer[] = [];
    const stop = new AbortController();
    const logger = recordingLogger();
    const store = createMemoryStore();
    let validator: Validator;
    let running: Promise<void>;
    let folder: string;
    let report: PeriodReport;
    let bundle: Awaited<ReturnType<typeof bundlePrograms>>;

    const startMiner = async (uri: string, backend: InferenceBackend) => {
      const hotkey = createHotkeyFromUri(uri);
      const miner = createMiner({ hotkey, tasks: { [taskId]: { capacityPerHour: 20_000 } }, backend, logger: silentLogger });
      const server = await serve(miner, { port: 0, host: "127.0.0.1", drainMs: 100 });
      servers.push(server);
      return { hotkey: hotkey.address, endpoint: { host: "127.0.0.2", port: server.port } };
    };
    const nextReport = () =>
      new Promise<PeriodReport>((resolve) => {
        const off = validator.core.reporter.onReport((closed) => {
          off();
          resolve(closed);
        });
      });

    beforeAll(async () => {
      await ready();
      folder = await mkdtemp(join(tmpdir(), "vision-real-"));
      const coarse = join(folder, "two-bits.gguf");
      await writeFile(coarse, await withTwoBits(path, files));
      const config = join(folder, "validator.json");
      const settings = {
        network: "ws://127.0.0.1:1",
        netuid: 1,
        chain: { arePrivateEndpointsAllowed: true },
        hotkey: { uri: "//Alice", areDevKeysAllowed: true },
        ...{ gateway: { port: 0 }, metrics: { port: 0 }, database: { dataDir: folder } },
        period: { lengthMs: 20_000 },
        probing: {
          shareFloor: [{ capacityRequests: 0, fraction: 0.9 }],
          bigDraws: { probabilityPerHour: 0, untriedProbabilityPerHour: 0 },
        },
        checks: { targetPerMinerTaskPeriod: 50, idleMs: 50 },
        taskChanges: {
          ...{ "chat-tiny": null, "completion-tiny": null, "image-tiny": null, "embedding-tiny": null },
          [taskId]: {
            family: "chat-completions",
            displayName: "SmolLM2 135M chat",
            model: "SmolLM2-135M-Instruct",
            contextTokens: 2048,
            capabilities: ["logit-bias", "sampling"],
            ...{ maxCapacityPerHour: 1e6, typicalUnitsPerRequest: 16, timeoutMs: 60_000 },
            target: { firstTokenMs: 2_000, unitsPerSecond: 5 },
            check: { kind: "teacher-forcing", samplers: ["gumbel-murmur3"], marginNats: 0.5, maxLogprobDifference: 0.25 },
            isEnabled: true,
          },
        },
        taskWeights: { shares: { [taskId]: 1 } },
        references: [{ kind: "gguf", path, sha256: await hashFile(path), tasks: [taskId], threads: 1, gpu: false }],
      };
      await writeFile(config, JSON.stringify(settings));
      const options = { threads: 1, contextTokens: 2048, concurrency: 2, gpu: false } as const;
      const hotkey = createHotkeyFromUri("//Alice");
      const neurons = [
        { hotkey: hotkey.address, hasValidatorPermit: true, stakeRao: 10n ** 12n },
        await startMiner("//honest", llamaCpp({ modelPath: path, ...options })),
        await startMiner("//twoBits", llamaCpp({ modelPath: coarse, ...options })),
        await startMiner("//otherModel", llamaCpp({ modelPath: tinyPath, ...options, contextTokens: 512 })),
      ];
      bundle = await bundlePrograms("threads.tsup.config.mjs");
      validator = await createValidator({
        config: await loadConfig({ environment: {}, flags: { config }, workingDirectory: folder, warn: () => undefined }),
        signal: stop.signal,
        threads: { gateway: null, prober: null, model: pathToFileURL(join(bundle.folder, "reference-process.js")) },
        parts: { hotkey, store, logger, chain: createFakeChain({ netuid: 1, neurons, hyperparameters: { tempoBlocks: 360 } }) },
      });
      running = validator.run(stop.signal);
      await validator.ready;
      // A busy machine gets through few answers in a period.
      const isTold = () => report.miners.length === 3 && report.miners.every(({ tasks }) => (tasks[0]?.sampleCount ?? 0) >= 5);
      do report = await nextReport();
      while (!isTold());
    }, 600_000);

    afterAll(async () => {
      stop.abort();
      await running;
      await Promise.all(servers.map((server) => server.close()));
      await bundle.remove();
      await rm(folder, { recursive: true, force: true });
    });

    const verdictsOf = (uri: string) => {
      const { address } = createHotkeyFromUri(uri);
      return [...store.samples.values()].filter(({ hotkey }) => hotkey === address);
    };
    const meanOf = (uri: string) => {
      const verdicts = verdictsOf(uri).map(({ qualityFraction }) => qualityFraction);
      return verdicts.reduce((sum, quality) => sum + quality, 0) / verdicts.length;
    };

    it("judges the answers of an honest engine right, and pays for it", () => {
      // Both sides are llama.cpp, but what is computed in one batch differs from one to the next: a close call may be one too many.
      const faulty = verdictsOf("//honest").filter(({ qualityFraction }) => qualityFraction < 1);
      expect({ faulty, share: faulty.length / verdictsOf("//honest").length <= 0.05 }).toMatchObject({ share: true });
      expect(meanOf("//honest")).toBeGreaterThan(0.98);
      expect(report.miners.find(({ uid }) => uid === 1)?.weight).toBeGreaterThan(0.9);
    });

    it("judges another model wrong, and half of the bits", () => {
      expect(meanOf("//otherModel")).toBe(0);
      expect(meanOf("//twoBits")).toBeLessThan(0.5);
      for (const uid of [2, 3])
        expect(`${uid}: ${(report.miners.find((each) => each.uid === uid)?.weight ?? 0) < 0.1}`).toBe(`${uid}: true`);
    });

    it("has no failures of its own", () => {
      expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
      expect(logger.lines.filter(({ message }) => message.includes("reference"))).toEqual([]);
    });
  });
}

// Runs where node-llama-cpp is installed (`npm install --no-save node-llama-cpp`) and VISION_SMOLLM2_GGUF names the model's file.
const files = await loadLlamaFiles();
if (modelPath !== "" && files !== null) {
  describeRealModel(modelPath, files);
} else {
  describe.skip(`a real model (${files === null ? "node-llama-cpp is not installed" : "VISION_SMOLLM2_GGUF names no file"})`, () => {
    it.todo("is judged right and paid");
  });
}
