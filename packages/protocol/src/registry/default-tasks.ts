import type { Task } from "./task.js";

const exactText: Task["check"] = {
  kind: "teacher-forcing",
  samplers: ["gumbel-murmur3"],
  marginNats: 0.1,
  maxLogprobDifference: 0.05,
};
const remoteText: Task["check"] = {
  kind: "teacher-forcing",
  samplers: ["gumbel-murmur3", "gumbel-murmur3-sglang", "llama.cpp", "unknown"],
  marginNats: 0.5,
  maxLogprobDifference: 0.25,
};

function textTask(id: string, displayName: string, family: "chat-completions" | "completions", model: string): Task {
  return {
    id,
    family,
    displayName,
    model,
    contextTokens: 16_384,
    capabilities: ["tools", "json", "logit-bias", "sampling", "continuation"],
    maxCapacityPerHour: 5_000_000,
    typicalUnitsPerRequest: 300,
    timeoutMs: 60_000,
    target: { firstTokenMs: 500, unitsPerSecond: 60 },
    check: remoteText,
    isEnabled: false,
  };
}

/**
 * The tasks that ship with the protocol. The `-tiny` tasks run on the embedded models, everywhere; the others need a model server and
 * are off until a validator switches them on in its configuration.
 */
export const defaultTasks: readonly Task[] = [
  {
    id: "chat-tiny",
    family: "chat-completions",
    displayName: "Tiny chat",
    model: "tiny-lm-q8_0",
    contextTokens: 512,
    capabilities: ["continuation"],
    maxCapacityPerHour: 10_000_000,
    typicalUnitsPerRequest: 32,
    timeoutMs: 15_000,
    target: { firstTokenMs: 400, unitsPerSecond: 80 },
    check: exactText,
    isEnabled: true,
  },
  {
    id: "completion-tiny",
    family: "completions",
    displayName: "Tiny completion",
    model: "tiny-lm-q8_0",
    contextTokens: 512,
    capabilities: [],
    maxCapacityPerHour: 10_000_000,
    typicalUnitsPerRequest: 32,
    timeoutMs: 15_000,
    target: { firstTokenMs: 400, unitsPerSecond: 80 },
    check: exactText,
    isEnabled: true,
  },
  {
    id: "image-tiny",
    family: "image-generation",
    displayName: "Tiny images",
    model: "tiny-emoji-diffusion-f16",
    imageSizes: ["32x32"],
    maxCapacityPerHour: 1_000_000,
    typicalUnitsPerRequest: 6,
    timeoutMs: 20_000,
    target: { firstTokenMs: 400, unitsPerSecond: 8 },
    check: { kind: "regenerate", maxPixelDifference: 0 },
    isEnabled: true,
  },
  {
    id: "embedding-tiny",
    family: "embeddings",
    displayName: "Tiny embeddings",
    model: "tiny-lm-q8_0",
    maxCapacityPerHour: 20_000_000,
    typicalUnitsPerRequest: 24,
    timeoutMs: 15_000,
    target: { firstTokenMs: 400, unitsPerSecond: 300 },
    check: { kind: "embed", minCosine: 0.9999 },
    isEnabled: true,
  },
  textTask("chat-llama-3-1-8b", "Llama 3.1 8B chat", "chat-completions", "meta-llama/Llama-3.1-8B-Instruct"),
  textTask("completion-llama-3-1-8b", "Llama 3.1 8B completion", "completions", "meta-llama/Llama-3.1-8B-Instruct"),
  textTask("chat-llama-3-3-70b", "Llama 3.3 70B chat", "chat-completions", "meta-llama/Llama-3.3-70B-Instruct"),
];

/**
 * Shares of the reward that tasks get where nobody voted, in parts per million. Kept apart from the tasks, which are all a miner is sent.
 * Only the shares of enabled tasks count; they are scaled to sum to 1.
 */
export const defaultTaskWeightsPpm: Readonly<Record<string, number>> = {
  "chat-tiny": 400_000,
  "completion-tiny": 200_000,
  "image-tiny": 300_000,
  "embedding-tiny": 100_000,
  "chat-llama-3-1-8b": 300_000,
  "completion-llama-3-1-8b": 200_000,
  "chat-llama-3-3-70b": 500_000,
};
