import type { Task } from "./task.js";

type TextFamily = "chat-completions" | "completions";

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

/** Of the embedded image model, whatever an image is made from. */
const tinyImages = {
  model: "tiny-emoji-diffusion-f16",
  imageSizes: ["32x32"],
  maxCapacityPerHour: 1_000_000,
  typicalUnitsPerRequest: 6,
  timeoutMs: 20_000,
  target: { firstTokenMs: 400, unitsPerSecond: 8 },
  check: { kind: "regenerate", maxPixelDifference: 0 },
} satisfies Partial<Task>;

/** What a public figure says of a model's speed, see `docs/validating/catalogue.md`: alone on a server up to 9 billion parameters, else under load. */
const largeTarget: Task["target"] = { firstTokenMs: 450, unitsPerSecond: 25 };
/** Of models whose chat template knows no tools. */
const withoutTools: Task["capabilities"] = ["json", "logit-bias", "sampling", "continuation"];

function textTask(
  id: string,
  displayName: string,
  { family = "chat-completions", ...rest }: Pick<Task, "model"> & Partial<Pick<Task, "capabilities" | "target">> & { family?: TextFamily },
): Task {
  return {
    id,
    family,
    displayName,
    contextTokens: 16_384,
    capabilities: ["tools", "json", "logit-bias", "sampling", "continuation"],
    maxCapacityPerHour: 5_000_000,
    typicalUnitsPerRequest: 300,
    timeoutMs: 60_000,
    target: { firstTokenMs: 500, unitsPerSecond: 60 },
    check: remoteText,
    isEnabled: false,
    ...rest,
  };
}

/**
 * The tasks that ship with the protocol. The `-tiny` tasks run on the embedded models, everywhere; the others need a model server, and
 * they and `image-edit-tiny` are off until a validator switches them on in its configuration.
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
    ...tinyImages,
    isEnabled: true,
  },
  {
    // Off by default: miners of before would lose a share of the reward to a task that they do not know.
    id: "image-edit-tiny",
    family: "image-edits",
    displayName: "Tiny image edits",
    ...tinyImages,
    isEnabled: false,
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
  textTask("chat-llama-3-1-8b", "Llama 3.1 8B chat", { model: "meta-llama/Llama-3.1-8B-Instruct" }),
  textTask("completion-llama-3-1-8b", "Llama 3.1 8B completion", { family: "completions", model: "meta-llama/Llama-3.1-8B-Instruct" }),
  textTask("chat-llama-3-3-70b", "Llama 3.3 70B chat", { model: "meta-llama/Llama-3.3-70B-Instruct" }),
  textTask("chat-gemma-3-1b", "Gemma 3 1B chat", { model: "google/gemma-3-1b-it", capabilities: withoutTools }),
  textTask("chat-qwen2-5-7b", "Qwen2.5 7B chat", { model: "Qwen/Qwen2.5-7B-Instruct" }),
  textTask("chat-phi-4", "Phi-4 14B chat", { model: "microsoft/phi-4", capabilities: withoutTools, target: largeTarget }),
  textTask("chat-mistral-small-24b", "Mistral Small 3 24B chat", {
    model: "mistralai/Mistral-Small-24B-Instruct-2501",
    target: largeTarget,
  }),
  textTask("chat-qwen2-5-coder-32b", "Qwen2.5 Coder 32B chat", { model: "Qwen/Qwen2.5-Coder-32B-Instruct", target: largeTarget }),
  textTask("chat-qwen2-5-72b", "Qwen2.5 72B chat", { model: "Qwen/Qwen2.5-72B-Instruct", target: largeTarget }),
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
  "image-edit-tiny": 100_000,
  "chat-llama-3-1-8b": 300_000,
  "completion-llama-3-1-8b": 200_000,
  "chat-llama-3-3-70b": 500_000,
  "chat-gemma-3-1b": 100_000,
  "chat-qwen2-5-7b": 300_000,
  "chat-phi-4": 300_000,
  "chat-mistral-small-24b": 400_000,
  "chat-qwen2-5-coder-32b": 400_000,
  "chat-qwen2-5-72b": 500_000,
};
