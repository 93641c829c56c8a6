import { fileURLToPath } from "node:url";
import { createEmbeddedReference, createInProcessEngine, drawSyntheticRequest } from "@vision/checking";
import { createRegistry, getFamily, type Task } from "@vision/protocol";
import { type AnswerEvidence, BIN_EDGES } from "@vision/scoring";
import { createSeededRandom } from "@vision/scoring/probing";
import { createBackendCall, type InferenceBackend, llamaCpp, tiny } from "@vision/sdk/backends";
import { coarsenModel, readModelFile } from "@vision/tiny";

type Request = Readonly<Record<string, unknown>>;

/** A miner, and what it makes of a request before it answers it. */
type Player = {
  readonly name: string;
  readonly isHonest: boolean;
  readonly backend: InferenceBackend;
  readonly change: (request: Request) => Request;
};

/** Answers of one player, as the judge counts them. */
export type PlayerCounts = { readonly name: string; readonly isHonest: boolean; readonly answers: readonly AnswerEvidence[] };

function task(): Task {
  const found = createRegistry().get("chat-tiny");
  if (found === undefined) throw new Error("no task chat-tiny");
  // Every field that a player may ignore is asked for.
  return { ...found, capabilities: undefined };
}

async function players(): Promise<readonly Player[]> {
  const file = await readModelFile("tiny-lm-q8_0");
  const as = (name: string, backend: InferenceBackend, change: Player["change"] = (request) => request): Player => ({
    name,
    isHonest: false,
    backend,
    change,
  });
  const exact = tiny();
  const honest: Player[] = [{ ...as("honest, the reference's engine", exact), isHonest: true }];
  // From the folder that benchmarks are bundled to.
  const path = fileURLToPath(new URL("../../../../../packages/tiny/models/tiny-lm-q8_0.gguf", import.meta.url));
  const other = llamaCpp({ modelPath: path, contextTokens: 512, gpu: false });
  const health = await other.checkHealth?.({ signal: new AbortController().signal });
  if (health?.isHealthy === true) honest.push({ ...as("honest, llama.cpp", other), isHonest: true });
  else console.error(`no honest answers of another engine: ${health?.detail}`);
  return [
    ...honest,
    as("6 bits", tiny({ model: coarsenModel(file, 6) })),
    as("5 bits", tiny({ model: coarsenModel(file, 5) })),
    as("4 bits", tiny({ model: coarsenModel(file, 4) })),
    as("another model", tiny({ model: "tiny-lm-small-q8_0" })),
    as("another seed", exact, (request) => ({ ...request, seed: Number(request["seed"]) ^ 1 })),
    as("0.2 colder", exact, (request) => ({ ...request, temperature: Math.max(0, Number(request["temperature"]) - 0.2) })),
    as("top-p ignored", exact, (request) => ({ ...request, top_p: 1 })),
  ];
}

async function answerOf({ backend, change }: Player, ofTask: Task, request: Request) {
  const family = getFamily(ofTask.family);
  const parsed = family.requestSchema.parse({ ...change(request), model: ofTask.model, stream: false });
  const collector = family.createCollector(parsed);
  const signal = new AbortController().signal;
  for await (const part of backend.run(createBackendCall({ task: ofTask, request: parsed, isStream: false, signal }))) {
    if (part.kind === "body") collector.addBody(JSON.parse(part.body));
  }
  const finished = collector.finish();
  return finished.ok ? finished.answer : null;
}

/** `only`: a part of the names of the players that take part. `seed`: of the requests. */
export type FitOptions = { readonly answersEach: number; readonly only: string; readonly seed: string };

/** Lets every player answer the same requests and counts what the judge sees. */
export async function collectEvidence({ answersEach, only, seed }: FitOptions): Promise<readonly PlayerCounts[]> {
  const ofTask = task();
  const reference = createEmbeddedReference(createInProcessEngine());
  const random = createSeededRandom(`fit-evidence ${seed}`, []);
  const family = getFamily(ofTask.family);
  const requests = Array.from({ length: answersEach }, (_, index) => {
    const drawn = drawSyntheticRequest({ task: ofTask, random, maxUnits: 96 });
    return family.normalise(family.requestSchema.parse({ ...drawn, ...(index % 3 === 0 ? { top_p: 0.8 } : {}) }), {
      task: ofTask,
      fallbackSeed: index,
    });
  });
  const counts: PlayerCounts[] = [];
  for (const player of (await players()).filter(({ name }) => name.includes(only))) {
    const answers: AnswerEvidence[] = [];
    for (const request of requests) {
      const answer = await answerOf(player, ofTask, request);
      if (answer === null) continue;
      const signal = new AbortController().signal;
      const verdict = await reference.check({ task: ofTask, request, answer, sampler: "gumbel-murmur3", signal });
      if (verdict.kind === "judged" && verdict.evidence !== undefined) answers.push(verdict.evidence);
    }
    console.error(`${player.name}: ${answers.length} answers`);
    counts.push({ name: player.name, isHonest: player.isHonest, answers });
    await player.backend.close?.();
  }
  await reference.close();
  return counts;
}

/** Natural logarithms of the shares of the bins, no bin rarer than one token in ten thousand. */
export function logShares(answers: readonly AnswerEvidence[], of: "margins" | "claims"): readonly number[] {
  const counts = new Array<number>(BIN_EDGES.length + 1).fill(0);
  for (const answer of answers) {
    for (const [bin, count] of (answer[of] ?? []).entries()) counts[bin] = (counts[bin] ?? 0) + count;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  const floored = counts.map((count) => Math.max(count / total, 1e-4));
  const sum = floored.reduce((whole, share) => whole + share, 0);
  return floored.map((share) => Math.round(Math.log(share / sum) * 100) / 100);
}
