import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { realProfiles } from "./profiles.js";
import { draftChats, type LocalSubnet } from "./subnet.js";

/** The task of a subnet on a real model. */
export const REAL_TASK_ID = "chat-real";

/** Prompts and answers are short, and every miner keeps room for two of them. */
const CONTEXT_TOKENS = 512;

const Q4_1 = 3; // ggml's number of the type
const BLOCK_WEIGHTS = 32;
const BLOCK_BYTES = 20; // two 16-bit numbers and 32 weights of 4 bits
const SCALE_BYTES = 4;

/** What of 16 levels is left where there are but 8, by level. */
const coarse = Array.from({ length: 16 }, (_, level) => Math.round((Math.round((level * 7) / 15) * 15) / 7));

const fileInfoSchema = z.object({
  fullTensorInfo: z.array(
    z.object({
      ggmlType: z.number(),
      fileOffset: z.union([z.number(), z.bigint()]),
      dimensions: z.array(z.union([z.number(), z.bigint()])),
    }),
  ),
});

async function loadFileReader(): Promise<(path: string) => Promise<unknown>> {
  // A variable keeps compilers and bundlers from wanting the optional package.
  const packageName = "node-llama-cpp";
  const { readGgufFileInfo } = await import(packageName);
  return readGgufFileInfo;
}

/** A copy of a GGUF file whose Q4_1 weights hold 3 bits each. */
async function withThreeBits(path: string): Promise<Uint8Array> {
  const readFileInfo = await loadFileReader();
  const { fullTensorInfo } = fileInfoSchema.parse(await readFileInfo(path));
  const tensors = fullTensorInfo.filter(({ ggmlType }) => ggmlType === Q4_1);
  if (tensors.length === 0) throw new Error(`${path} has no Q4_1 weights; name a Q4_1 file, of which a lower precision can be made.`);
  const bytes = await readFile(path);
  for (const { fileOffset, dimensions } of tensors) {
    const weights = dimensions.reduce<number>((product, size) => product * Number(size), 1);
    const end = Number(fileOffset) + (weights / BLOCK_WEIGHTS) * BLOCK_BYTES;
    for (let block = Number(fileOffset); block < end; block += BLOCK_BYTES) {
      for (let at = block + SCALE_BYTES; at < block + BLOCK_BYTES; at += 1) {
        const pair = bytes[at] ?? 0;
        bytes[at] = ((coarse[pair >> 4] ?? 0) << 4) | (coarse[pair & 15] ?? 0);
      }
    }
  }
  return bytes;
}

/**
 * A subnet that serves one real chat model by llama.cpp, and checks it against the same file.
 *
 * @param modelPath - A Q4_1 GGUF file of a chat model.
 * @param folder - Where the file of the miner with fewer bits is written.
 */
export async function createRealSubnet(modelPath: string, folder: string): Promise<LocalSubnet> {
  const fewerBitsPath = join(folder, "fewer-bits.gguf");
  await writeFile(fewerBitsPath, await withThreeBits(modelPath));
  const packageFile = fileURLToPath(import.meta.resolve("@vision/tiny/package.json"));
  const smallerPath = join(dirname(packageFile), "models", "tiny-lm-q8_0.gguf");
  return {
    profiles: realProfiles,
    // A request for all miners and the checks of their answers fit on two cores.
    capacityPerHour: { [REAL_TASK_ID]: 12_000 },
    backendOf: ({ behaviour }) => ({
      kind: "llama-cpp",
      modelPath: behaviour.hasFewerBits ? fewerBitsPath : behaviour.hasCheaperModel ? smallerPath : modelPath,
      ...{ threads: 1, contextTokens: CONTEXT_TOKENS, concurrency: 2, gpu: false },
    }),
    validatorSettings: {
      taskChanges: {
        ...{ "chat-tiny": null, "completion-tiny": null, "embedding-tiny": null, "image-tiny": null },
        [REAL_TASK_ID]: {
          family: "chat-completions",
          displayName: "Real chat",
          model: "real",
          contextTokens: CONTEXT_TOKENS,
          capabilities: ["logit-bias", "sampling"],
          ...{ maxCapacityPerHour: 1_000_000, typicalUnitsPerRequest: 16, timeoutMs: 60_000 },
          // Six models share two cores.
          target: { firstTokenMs: 4_000, unitsPerSecond: 3 },
          check: { kind: "teacher-forcing", samplers: ["gumbel-murmur3"], marginNats: 0.5, maxLogprobDifference: 0.25 },
          isEnabled: true,
        },
      },
      taskWeights: { shares: { [REAL_TASK_ID]: 1 } },
      references: [{ kind: "gguf", path: modelPath, tasks: [REAL_TASK_ID], threads: 1, gpu: false }],
      checks: { targetPerMinerTaskPeriod: 12, minFraction: 0.5, idleMs: 100 },
    },
    draftRequests: (round) => draftChats(REAL_TASK_ID, round),
  };
}
