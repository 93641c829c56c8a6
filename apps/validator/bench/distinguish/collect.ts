import { createSyntheticSource, type DrawnRequest, drawHabits, groupConversations, type SharedConversation } from "@vision/checking";
import { changeRegistry, createRegistry, getFamily, type Task } from "@vision/protocol";
import { createSeededRandom, drawInt } from "@vision/scoring/probing";
import { createFakeBackend, fakeAnswer } from "@vision/sdk/testing";
import { createConversationPace } from "../../src/domain/conversation-pace.js";
import { addGaps, noGaps } from "../../src/domain/gap-histogram.js";
import { createBurstyGaps } from "../../src/domain/gaps.js";
import { opensConversation } from "../../src/domain/opens-conversation.js";
import { startRealGateway } from "../../test/fixtures/start-real-gateway.js";
import type { Capture } from "./capture.js";
import type { Corpus } from "./corpus.js";
import { type Script, type Step, scripts } from "./organic-scripts.js";
import { PERIOD_MS, playPlan } from "./play-plan.js";

/** What all of them are for. */
export const TASK_ID = "chat-llama-3-1-8b";

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
    for (const { atMs: stepMs, step } of interleave(shared, `${seed}, those who share`, surroundings)) {
      atMs = stepMs;
      await step.send();
    }
    const earlier = captures.splice(0).map(({ body, ...time }) => ({ hotkeys: [], request: JSON.parse(body), atMs: time.atMs }));
    const conversations = groupConversations(earlier);
    isOrganic = true;
    for (const { atMs: stepMs, step } of interleave(organic, seed, surroundings)) {
      atMs = stepMs;
      await step.send();
    }
    isOrganic = false;
    // Users of the period before tell how users come; where there were none nothing is known.
    const begunMs = earlier.filter(({ request }) => opensConversation(request)).map((each) => each.atMs);
    const pace = createConversationPace();
    const play = (period: string, send: (drawn: DrawnRequest) => Promise<string | null>) => {
      const random = createSeededRandom(seed, [period]);
      const source = createSyntheticSource({
        ...{ task, random, habits: drawHabits(createSeededRandom(seed, ["habits"])), nowMs: () => atMs },
        shared: { conversations, hotkey: `the only one, ${period}` },
        written: { conversationsNow: () => written, hotkey: `the only one, ${period}` },
      });
      const gaps = createBurstyGaps(addGaps(noGaps, begunMs));
      const setTime = (nowMs: number) => {
        atMs = nowMs;
      };
      return playPlan({ taskId: task.id, count: synthetic, gaps, random, pace, source, setTime, send });
    };
    // Of the period before nobody sees more than how many turns a conversation had.
    await play("before", async () => corpus.paragraph(answers));
    await play("synthetic", (drawn) => sendSynthetic(gateway, task, drawn));
  } finally {
    await gateway.close();
  }
  return captures.sort((one, other) => one.atMs - other.atMs);
}

type Gateway = Awaited<ReturnType<typeof startRealGateway>>;

async function sendSynthetic({ exchange, board, results }: Gateway, task: Task, drawn: DrawnRequest): Promise<string | null> {
  const request = getFamily(task.family).requestSchema.parse(drawn.request);
  const [miner] = board.candidates(task.id);
  if (miner === undefined) throw new Error(`no miner after ${results.length} requests`);
  const { signal } = new AbortController();
  const result = await exchange.run({ target: miner.target, task, request, isOrganic: false, isAnswerWanted: true, signal });
  return result?.answer?.kind === "text" ? result.answer.text : null;
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
