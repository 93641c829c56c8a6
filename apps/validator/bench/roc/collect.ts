import { drawSyntheticRequest } from "@vision/checking";
import { getFamily, type RequestBody, type Task } from "@vision/protocol";
import { createSeededRandom } from "@vision/scoring/probing";
import type { Pair } from "./pairs.js";
import type { TextAnswer } from "./players.js";
import { type AnswerRecord, type openRecords, samplers } from "./records.js";

/** As a validator draws them, a third with a top-p below 1, so that ignoring it shows. */
export function drawRequests(
  task: Task,
  { count, maxTokens, seed }: { count: number; maxTokens: number; seed: string },
): readonly RequestBody[] {
  const random = createSeededRandom(`roc ${seed}`, [task.id]);
  const family = getFamily(task.family);
  return Array.from({ length: count }, (_, index) => {
    const drawn = drawSyntheticRequest({ task, random, maxUnits: maxTokens });
    return family.normalise(family.requestSchema.parse({ ...drawn, ...(index % 3 === 0 ? { top_p: 0.8 } : {}) }), {
      task,
      fallbackSeed: index,
    });
  });
}

/** Lets every player of a pair answer the same requests and has each answer judged, once for each way of drawing that it may name. */
export async function collectAnswers(
  pair: Pair,
  records: ReturnType<typeof openRecords>,
  { requests, only }: { readonly requests: readonly RequestBody[]; readonly only: string },
): Promise<void> {
  const { task, reference } = pair;
  const signal = new AbortController().signal;
  for (const { name: player, isHonest, answer } of pair.players.filter(({ name }) => name.includes(only))) {
    for (const [index, request] of requests.entries()) {
      const left = samplers.filter((sampler) => !records.has({ pair: pair.name, player, sampler, index }));
      if (left.length === 0) continue;
      const askedMs = performance.now();
      const given = await answer(request);
      const generateMs = performance.now() - askedMs;
      if (given === null) continue;
      for (const sampler of left) {
        const judged = await judge({ task, reference, request, given, sampler, signal });
        records.add({ ...{ pair: pair.name, player, isHonest, sampler, index, tokens: given.tokens.length, generateMs }, ...judged });
      }
      if ((index + 1) % 10 === 0) console.error(`${pair.name}, ${player}: ${index + 1} of ${requests.length} answers`);
    }
  }
}

async function judge(input: {
  readonly task: Task;
  readonly reference: Pair["reference"];
  readonly request: RequestBody;
  readonly given: TextAnswer;
  readonly sampler: AnswerRecord["sampler"];
  readonly signal: AbortSignal;
}): Promise<Pick<AnswerRecord, "quality" | "fault" | "evidence" | "checkMs">> {
  const { task, reference, request, given, sampler, signal } = input;
  const startedMs = performance.now();
  const verdict = await reference.check({ task, request, answer: given, sampler, signal });
  const checkMs = performance.now() - startedMs;
  if (verdict.kind !== "judged") return { quality: null, fault: null, evidence: null, checkMs };
  return { quality: verdict.qualityFraction, fault: verdict.fault ?? null, evidence: verdict.evidence ?? null, checkMs };
}
