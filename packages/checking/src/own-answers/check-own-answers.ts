import { defaultSampler, getFamily, PROTOCOL_VERSION, type RequestBody, type SamplerName, type Task } from "@vision/protocol";
import { createSeededRandom, type Random } from "@vision/scoring/probing";
import { collectReply, type MinerClient, type MinerTarget } from "@vision/sdk/client";
import { isCheckable } from "../is-checkable.js";
import type { Reference } from "../reference.js";
import { drawSyntheticRequest } from "../synthetic/draw-request.js";
import { drawSeed } from "../synthetic/request-shape.js";
import type { AnswerFinding } from "./finding.js";
import { summariseFindings, type TaskFindings } from "./summarise-findings.js";

/** What was found, or why the miner did not even tell its capacities. */
export type CheckOfOwnAnswers =
  | { readonly kind: "checked"; readonly tasks: readonly TaskFindings[] }
  | { readonly kind: "refused"; readonly reason: string };

/** How far a check is. */
export type CheckProgress = { readonly taskId: string; readonly stage: "answered" | "judged"; readonly done: number; readonly of: number };

/** Which answers are checked, and by what. */
export type CheckOwnAnswersOptions = {
  readonly tasks: readonly Task[];
  /** Answers of each task, 1 or more. */
  readonly answersEach: number;
  /** Requests to the miner at the same time. */
  readonly concurrency: number;
  readonly target: MinerTarget;
  readonly client: Pick<MinerClient, "getCapacities" | "send">;
  readonly reference: Pick<Reference, "canCheck" | "check">;
  /** Requests are drawn from it, of each task apart. */
  readonly seed: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: CheckProgress) => void;
};

const PERIOD_MS = 3_600_000;
/** Of a typical request's units, as many as the largest that users send. */
const MOST_TYPICAL_REQUESTS = 3;
/** Draws for each answer until one can be judged; most can. */
const MOST_DRAWS = 100;

/**
 * Asks a miner as a validator does, over the same client, with requests drawn alike, and judges its answers by a reference. One task
 * after the other; answers are judged when all of a task are in, so that judging holds up none.
 *
 * @throws VisionError `REFERENCE_UNAVAILABLE` where the reference fails.
 */
export async function checkOwnAnswers(options: CheckOwnAnswersOptions): Promise<CheckOfOwnAnswers> {
  const { tasks, target, client, reference, signal } = options;
  const request = { protocolVersion: PROTOCOL_VERSION, periodMs: PERIOD_MS, tasks: [...tasks] };
  const told = await client.getCapacities(target, request, { signal });
  if (!told.ok) {
    const words = told.minerMessage === undefined ? "" : ` (${told.minerMessage})`;
    return { kind: "refused", reason: `${told.reason}${words}` };
  }
  const all: TaskFindings[] = [];
  for (const task of tasks) {
    const capacity = told.capacities.get(task.id);
    const sampler = capacity?.sampler ?? defaultSampler(task);
    const obstacle = obstacleOf(task, { problem: capacity?.problem ?? null, capacityPerHour: capacity?.capacityPerHour ?? 0, reference });
    all.push(summariseFindings(task.id, sampler, obstacle === null ? await checkTask(task, sampler, options) : [failed({}, obstacle)]));
  }
  return { kind: "checked", tasks: all };
}

function obstacleOf(
  task: Task,
  told: { readonly problem: string | null; readonly capacityPerHour: number; readonly reference: Pick<Reference, "canCheck"> },
): string | null {
  if (told.problem !== null) return told.problem;
  if (told.capacityPerHour === 0)
    return "the miner offers none of it at the moment: its backend is away, or it means something else by the task";
  return told.reference.canCheck(task) ? null : `the reference cannot judge answers of ${task.model}`;
}

async function checkTask(task: Task, sampler: SamplerName, options: CheckOwnAnswersOptions): Promise<readonly AnswerFinding[]> {
  const { answersEach: of, concurrency, seed, reference, signal, onProgress } = options;
  const random = createSeededRandom(seed, ["check", task.id]);
  const requests = Array.from({ length: of }, () => drawRequest(task, random));
  const asked: Asked[] = [];
  let next = 0;
  let done = 0;
  const work = async () => {
    for (let index = next++; index < requests.length; index = next++) {
      asked[index] = await ask(task, requests[index] ?? {}, options);
      done += 1;
      onProgress?.({ taskId: task.id, stage: "answered", done, of });
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, of) }, work));
  const findings: AnswerFinding[] = [];
  for (const [index, { request, reply }] of asked.entries()) {
    if (reply.outcome === "ok") {
      const verdict = await reference.check({ task, request, answer: reply.answer, sampler, signal });
      const { firstTokenMs, durationMs, workUnits: units } = reply;
      findings.push({ request, ...(verdict.kind === "judged" ? { kind: "judged", verdict, firstTokenMs, durationMs, units } : verdict) });
    } else
      findings.push(
        failed(request, reply.outcome === "failed" ? (reply.minerMessage ?? reply.reason) : "it refuses for lack of room (429)"),
      );
    onProgress?.({ taskId: task.id, stage: "judged", done: index + 1, of });
  }
  return findings;
}

type Asked = { readonly request: RequestBody; readonly reply: Awaited<ReturnType<typeof collectReply>> };

async function ask(task: Task, request: RequestBody, { client, target, signal }: CheckOwnAnswersOptions): Promise<Asked> {
  signal.throwIfAborted();
  const family = getFamily(task.family);
  const sent = await client.send(target, { task, request, isStream: family.isStreamable, isReceiptWanted: true, signal });
  const reply = await collectReply(sent, { family, request });
  signal.throwIfAborted();
  return { request, reply };
}

function failed(request: RequestBody, reason: string): AnswerFinding {
  return { request, kind: "failed", reason };
}

/** A request whose answer a validator would judge, normalised as every user's is. */
function drawRequest(task: Task, random: Random): RequestBody {
  const family = getFamily(task.family);
  const maxUnits = task.typicalUnitsPerRequest * MOST_TYPICAL_REQUESTS;
  for (let draws = 0; ; draws += 1) {
    const drawn = family.requestSchema.parse(drawSyntheticRequest({ task, random, maxUnits }));
    const request = family.normalise(drawn, { task, fallbackSeed: drawSeed(random) });
    if (isCheckable(task, request) || draws >= MOST_DRAWS) return request;
  }
}
