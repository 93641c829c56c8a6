import { createSyntheticSource, drawHabits, groupConversations, type SharedConversation, type SyntheticSource } from "@vision/checking";
import { changeRegistry, createRegistry, getFamily, type Task } from "@vision/protocol";
import { createSeededRandom, defaultProbingParams, drawInt, type Random } from "@vision/scoring/probing";
import { createFakeBackend, fakeAnswer } from "@vision/sdk/testing";
import { addGaps, noGaps } from "../../src/domain/gap-histogram.js";
import { createBurstyGaps, type Gaps } from "../../src/domain/gaps.js";
import { aheadOfPlanMs, planSendDelay, sendWindowEnd } from "../../src/domain/schedule.js";
import { startRealGateway } from "../../test/fixtures/start-real-gateway.js";
import type { Capture } from "./capture.js";
import type { Corpus } from "./corpus.js";
import { type Script, type Step, scripts } from "./organic-scripts.js";

/** What all of them are for. */
export const TASK_ID = "chat-llama-3-1-8b";
const PERIOD_MS = 3_600_000;

/** What to collect. */
export type Collecting = {
  readonly organic: number;
  readonly synthetic: number;
  /** Requests of other users of the same kinds, who let the validator draw from theirs. */
  readonly shared?: number;
  /** What a model wrote for the validator to draw from. */
  readonly written?: readonly SharedConversation[];
  readonly seed: string;
  readonly corpus: Corpus;
};

/**
 * Requests as one miner gets them in a period, in the order of their arrival: those of users' programs through the gateway, with real
 * clients, and the validator's own, on the same way. Both are sent one after the other; when they would have come is reckoned, for users
 * from their scripts and for the validator from its plan.
 */
export async function collect({ organic, synthetic, shared = 0, written = [], seed, corpus }: Collecting): Promise<readonly Capture[]> {
  const captures: Capture[] = [];
  let [isOrganic, atMs] = [false, 0];
  const answers = createSeededRandom(seed, ["answers"]);
  const backend = createFakeBackend({
    script(call) {
      const answer = corpus.paragraph(answers);
      const asked = captures.at(-1);
      if (asked !== undefined) captures.splice(-1, 1, { ...asked, answer });
      return fakeAnswer(call, answer);
    },
  });
  const registry = changeRegistry(createRegistry(), { [TASK_ID]: { isEnabled: true } });
  const gateway = await startRealGateway([backend], {
    ...{ registry, taskId: TASK_ID },
    onMinerRequest({ path, body }) {
      if (path.includes("/completions")) captures.push({ isOrganic, atMs, body: Buffer.from(body).toString("utf8"), answer: "" });
    },
  });
  try {
    const task = registry.get(TASK_ID);
    if (task === undefined) throw new Error(`there is no task ${TASK_ID}`);
    const surroundings = { url: gateway.url, key: gateway.key, model: TASK_ID, corpus };
    const earlierMs: number[] = [];
    for (const { atMs: stepMs, step } of interleave(shared, `${seed}, those who share`, surroundings)) {
      earlierMs.push(stepMs);
      atMs = stepMs;
      await step.send();
    }
    const conversations = groupConversations(
      captures.splice(0).map(({ body, atMs }) => ({ hotkeys: [], request: JSON.parse(body), atMs })),
    );
    isOrganic = true;
    for (const { atMs: stepMs, step } of interleave(organic, seed, surroundings)) {
      atMs = stepMs;
      await step.send();
    }
    isOrganic = false;
    const random = createSeededRandom(seed, ["synthetic"]);
    const source = createSyntheticSource({
      task,
      random,
      habits: drawHabits(createSeededRandom(seed, ["habits"])),
      nowMs: () => atMs,
      shared: { conversations, hotkey: "the only one" },
      written: { conversationsNow: () => written, hotkey: "the only one" },
    });
    // Users of the period before tell how users come; where there were none nothing is known.
    for (const sentMs of planTimes(synthetic, createBurstyGaps(addGaps(noGaps, earlierMs)), random)) {
      atMs = sentMs;
      await sendSynthetic(gateway, task, source);
    }
  } finally {
    await gateway.close();
  }
  return captures.sort((one, other) => one.atMs - other.atMs);
}

type Gateway = Awaited<ReturnType<typeof startRealGateway>>;

async function sendSynthetic({ exchange, board, results }: Gateway, task: Task, source: SyntheticSource): Promise<void> {
  const drawn = source.draw(1e6);
  const request = getFamily(task.family).requestSchema.parse(drawn.request);
  const [miner] = board.candidates(task.id);
  if (miner === undefined) throw new Error(`no miner after ${results.length} requests`);
  const { signal } = new AbortController();
  const result = await exchange.run({ target: miner.target, task, request, isOrganic: false, isAnswerWanted: true, signal });
  if (result?.answer?.kind === "text") drawn.onAnswered?.(result.answer.text);
}

/** When a plan's requests are sent, each answered at once. */
export function* planTimes(count: number, gaps: Gaps, random: Random): Generator<number> {
  const period = { startsAtMs: 0, endsAtMs: PERIOD_MS };
  const sendUntilMs = sendWindowEnd(period, defaultProbingParams.sendWindowFraction);
  const noMisses = { rateLimitedUnits: 0, failedUnits: 0, rateLimitedCount: 0, failedCount: 0 };
  const plan = { plannedUnits: count, plannedRequests: count, unitsPerRequest: 1, inFlight: 0, ...noMisses };
  let nowMs = 0;
  for (let sent = 0; sent < count; sent += 1) {
    const delayMs = planSendDelay({ nowMs, sendUntilMs, remaining: count - sent, gaps, random });
    if (delayMs === null) return;
    nowMs += Math.max(delayMs, aheadOfPlanMs({ ...plan, attemptedUnits: sent, sentRequests: sent }, { nowMs, sendUntilMs, ...period }));
    yield Math.round(nowMs);
  }
}

type Timed = { readonly atMs: number; readonly step: Step };

/**
 * Steps of users who come all through the period, each in its own pace; a step is taken after the ones before it have been answered. As many
 * users come as have that many steps.
 */
export function* interleave(count: number, seed: string, shared: Omit<Parameters<Script>[0], "random">): Generator<Timed> {
  const shares = scripts.flatMap(([script, share]) => Array.from({ length: share }, () => script));
  const random = createSeededRandom(seed, ["users"]);
  const waiting: { atMs: number; step: Step; readonly rest: Iterator<Step> }[] = [];
  let steps = 0;
  for (let user = 1; steps < count; user += 1) {
    const script = shares[drawInt(random, 0, shares.length - 1)];
    const begin = () => script?.({ ...shared, random: createSeededRandom(seed, ["user", user]) }) ?? [];
    // Steps are counted on a copy: what a user says may depend on answers, how often and when does not.
    steps += [...begin()].length;
    const rest = begin()[Symbol.iterator]();
    const first = rest.next();
    if (first.done !== true) waiting.push({ atMs: Math.round(random.next() * PERIOD_MS * 0.95), step: first.value, rest });
  }
  for (let sent = 0; sent < count; sent += 1) {
    waiting.sort((one, other) => one.atMs - other.atMs);
    const next = waiting.shift();
    if (next === undefined) return;
    yield { atMs: next.atMs, step: next.step };
    const following = next.rest.next();
    if (following.done !== true) {
      waiting.push({ atMs: next.atMs + Math.round(following.value.waitMs), step: following.value, rest: next.rest });
    }
  }
}
