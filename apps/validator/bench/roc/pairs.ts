import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  coarsenGgufFile,
  createEmbeddedModel,
  createEmbeddedReference,
  createEncoderCache,
  createInProcessEngine,
  createModelReference,
  createReferenceModel,
  type Reference,
} from "@vision/checking";
import { createRegistry, type RequestBody, type Task } from "@vision/protocol";
import { type InferenceBackend, llamaCpp, tiny } from "@vision/sdk/backends";
import { coarsenModel, readModelFile } from "@vision/tiny";
import { askBackend, begunBy, cutShort, type Player, withLogprobsOf } from "./players.js";

/** A model, who judges its answers, and who serves it. */
export type Pair = {
  readonly name: keyof typeof pairTitles;
  readonly task: Task;
  readonly reference: Reference;
  readonly players: readonly Player[];
  close(): Promise<void>;
};

/** What the pairs are about, by name. */
export const pairTitles = {
  embedded: "the embedded model, 4.2 M parameters, 8 bits",
  smollm2: "SmolLM2-135M-Instruct, 4 bits, by llama.cpp",
} as const;

// From the folder that benchmarks are bundled to.
const modelsFolder = new URL("../../../../../packages/tiny/models/", import.meta.url);

function chatTask(): Task {
  const found = createRegistry().get("chat-tiny");
  if (found === undefined) throw new Error("no task chat-tiny");
  // Every field that a player may ignore is asked for.
  return { ...found, capabilities: undefined };
}

const honest = (name: string, answer: Player["answer"]): Player => ({ name, isHonest: true, answer });
const cheat = (name: string, answer: Player["answer"]): Player => ({ name, isHonest: false, answer });

async function closeAll(backends: readonly InferenceBackend[], reference: Reference): Promise<void> {
  await Promise.all(backends.map((backend) => backend.close?.()));
  await reference.close();
}

/** Cheats that change what is asked of the right model. */
function drawCheats(answer: Player["answer"]): readonly Player[] {
  const after = (change: (request: RequestBody) => RequestBody) => (request: RequestBody) => answer(change(request));
  const temperature = (request: RequestBody) => Number(request["temperature"] ?? 1);
  return [
    cheat(
      "another seed",
      after((request) => ({ ...request, seed: Number(request["seed"]) ^ 1 })),
    ),
    cheat(
      "0.2 colder",
      after((request) => ({ ...request, temperature: Math.max(0, temperature(request) - 0.2) })),
    ),
    cheat(
      "top-p ignored",
      after((request) => ({ ...request, top_p: 1 })),
    ),
    cheat("cut short", cutShort(answer)),
  ];
}

async function isThere(backend: InferenceBackend): Promise<boolean> {
  const health = await backend.checkHealth?.({ signal: new AbortController().signal });
  if (health?.isHealthy === true) return true;
  console.error(`no honest answers of llama.cpp: ${health?.detail}`);
  return false;
}

/** The embedded model, 4.2 million parameters at 8 bits. */
export async function createEmbeddedPair(): Promise<Pair> {
  const task = chatTask();
  const file = await readModelFile("tiny-lm-q8_0");
  const engine = createInProcessEngine();
  const model = createEmbeddedModel({ model: "tiny-lm-q8_0" }, { engine, encoderOf: createEncoderCache() });
  const reference = createEmbeddedReference(engine);
  const backends: InferenceBackend[] = [];
  const by = (backend: InferenceBackend) => {
    backends.push(backend);
    return askBackend(backend, task);
  };
  const exact = by(tiny());
  const native = llamaCpp({ modelPath: fileURLToPath(new URL("tiny-lm-q8_0.gguf", modelsFolder)), contextTokens: 512, gpu: false });
  const small = by(tiny({ model: "tiny-lm-small-q8_0" }));
  return {
    ...{ name: "embedded", task, reference },
    players: [
      honest("honest, the reference's engine", exact),
      ...((await isThere(native)) ? [honest("honest, llama.cpp", by(native))] : []),
      ...[6, 5, 4].map((bits) => cheat(`${bits} bits`, by(tiny({ model: coarsenModel(file, bits) })))),
      cheat("another model", small),
      cheat("another model, right logprobs", withLogprobsOf(model, task, small)),
      cheat("begun by another model", begunBy(small, exact)),
      ...drawCheats(exact),
    ],
    close: () => closeAll(backends, reference),
  };
}

const REAL_CONTEXT_TOKENS = 1024;

/**
 * SmolLM2-135M at the file's 4 bits, answered and judged by llama.cpp.
 *
 * @param folder - Where the files of lower precisions are written.
 */
export async function createRealPair(modelPath: string, folder: string): Promise<Pair> {
  const task: Task = {
    ...chatTask(),
    ...{ id: "chat-smollm2-135m", displayName: "SmolLM2 135M chat", model: "SmolLM2-135M-Instruct", contextTokens: REAL_CONTEXT_TOKENS },
    check: { kind: "teacher-forcing", samplers: ["gumbel-murmur3", "unknown"], marginNats: 0.5, maxLogprobDifference: 0.25 },
  };
  await mkdir(folder, { recursive: true });
  const coarse = async (bits: 2 | 3) => {
    const path = join(folder, `${bits}-bits.gguf`);
    await writeFile(path, await coarsenGgufFile(modelPath, bits));
    return path;
  };
  const common = { contextTokens: REAL_CONTEXT_TOKENS, gpu: false } as const;
  const model = createReferenceModel({ kind: "gguf", path: modelPath, threads: 1, ...common });
  const reference = createModelReference(model);
  const backends: InferenceBackend[] = [];
  const serve = (path: string, threads = 1) => {
    const backend = llamaCpp({ modelPath: path, threads, concurrency: 1, ...common });
    backends.push(backend);
    return askBackend(backend, task);
  };
  const exact = serve(modelPath);
  const twoBits = serve(await coarse(2));
  return {
    ...{ name: "smollm2", task, reference },
    players: [
      honest("honest, one thread", exact),
      honest("honest, two threads", serve(modelPath, 2)),
      cheat("3 bits", serve(await coarse(3))),
      cheat("2 bits", twoBits),
      cheat("2 bits, right logprobs", withLogprobsOf(model, task, twoBits)),
      cheat("begun by 2 bits", begunBy(twoBits, exact)),
      ...drawCheats(exact),
    ],
    close: () => closeAll(backends, reference),
  };
}
