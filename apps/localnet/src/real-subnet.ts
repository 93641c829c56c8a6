import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { coarsenGgufFile } from "@vision/checking";
import { REAL_SLOTS, realProfiles } from "./profiles.js";
import { draftChats, type LocalSubnet } from "./subnet.js";

/** The task of a subnet on a real model. */
export const REAL_TASK_ID = "chat-real";

/** Prompts and answers are short. */
const CONTEXT_TOKENS = 512;

/**
 * A subnet that serves one real chat model by llama.cpp, and checks it against the same file.
 *
 * @param modelPath - A Q4_1 GGUF file of a chat model.
 * @param folder - Where the file of the miner with fewer bits is written.
 */
export async function createRealSubnet(modelPath: string, folder: string): Promise<LocalSubnet> {
  const fewerBitsPath = join(folder, "fewer-bits.gguf");
  await writeFile(fewerBitsPath, await coarsenGgufFile(modelPath, 3));
  const packageFile = fileURLToPath(import.meta.resolve("@vision/tiny/package.json"));
  const smallerPath = join(dirname(packageFile), "models", "tiny-lm-q8_0.gguf");
  return {
    profiles: realProfiles,
    // A request for all miners and the checks of their answers fit on two cores.
    capacityPerHour: { [REAL_TASK_ID]: 12_000 },
    triedShare: { from: 0.5, to: 0.7 },
    backendOf: ({ behaviour }) => ({
      kind: "llama-cpp",
      modelPath: behaviour.hasFewerBits ? fewerBitsPath : behaviour.hasCheaperModel ? smallerPath : modelPath,
      ...{ threads: 1, contextTokens: CONTEXT_TOKENS, concurrency: REAL_SLOTS, gpu: false },
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
      // It shares two cores with six miners: what it would write in a few minutes takes the time of checks.
      syntheticRequests: { writtenPerTask: 0 },
    },
    draftRequests: (round) => draftChats(REAL_TASK_ID, round),
  };
}
