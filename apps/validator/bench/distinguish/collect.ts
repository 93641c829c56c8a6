import { createSyntheticSource, drawHabits, groupConversations, type SyntheticSource } from "@vision/checking";
import { changeRegistry, createRegistry, getFamily, type Task } from "@vision/protocol";
import { createSeededRandom, drawInt, type Random } from "@vision/scoring/probing";
import { createFakeBackend, fakeAnswer } from "@vision/sdk/testing";
import { planSendDelay } from "../../src/domain/schedule.js";
import { startRealGateway } from "../../test/fixtures/start-real-gateway.js";
import type { Capture } from "./capture.js";
import type { Corpus } from "./corpus.js";
import { type Script, type Step, scripts } from "./organic-scripts.js";

const TASK_ID = "chat-llama-3-1-8b";
const PERIOD_MS = 3_600_000;

/** What to collect. */
export type Collecting = {
  readonly organic: number;
  readonly synthetic: number;
  /** Requests of other users of the same kinds, who let the validator draw from theirs. */
  readonly shared?: number;
  readonly seed: string;
  readonly corpus: Corpus;
};

/**
 * Requests as one miner gets them in a period, in the order of their arrival: those of users' programs through the gateway, with real
 * clients, and the validator's own, on the same way. Both are sent one after the other; when they would have come is reckoned, for users
 * from their scripts and for the validator from its plan.
 */
export async function collect({ organic, synthetic, shared = 0, seed, corpus }: Collecting): Promise<readonly Capture[]> {
  const captures: Capture[] = [];
  let [isOrganic, atMs] = [false, 0];
  const answers = createSeededRandom(seed, ["answers"]);
  const backend = createFakeBackend({ script: (call) => fakeAnswer(call, corpus.paragraph(answers)) });
  const registry = changeRegistry(createRegistry(), { [TASK_ID]: { isEnabled: true } });
  const gateway = await startRealGateway([backend], {
    ...{ registry, taskId: TASK_ID },
    onMinerRequest({ path, body }) {
      if (path.includes("/completions")) captures.push({ isOrganic, atMs, body: Buffer.from(body).toString("utf8") });
    },
  });
  try {
    const task = registry.get(TASK_ID);
    if (task === undefined) throw new Error(`there is no task ${TASK_ID}`);
    const surroundings = { url: gateway.url, key: gateway.key, model: TASK_ID, corpus };
    for (const { step } of interleave(shared, `${seed}, those who share`, surroundings)) await step.send();
    const conversations = groupConversations(captures.splice(0).map(({ body }) => ({ hotkeys: [], request: JSON.parse(body) })));
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
      shared: { conversations, hotkey: "the only one" },
    });
    for (const sentMs of planTimes(synthetic, random)) {
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
  const request = getFamily(task.family).requestSchema.parse(source.draw(1e6));
  const [miner] = board.candidates(task.id);
  if (miner === undefined) throw new Error(`no miner after ${results.length} requests`);
  await exchange.run({ target: miner.target, task, request, isOrganic: false, signal: new AbortController().signal });
}

function* planTimes(count: number, random: Random): Generator<number> {
  let nowMs = 0;
  for (let remaining = count; remaining > 0; remaining -= 1) {
    const delayMs = planSendDelay({ nowMs, sendUntilMs: PERIOD_MS, remaining, random });
    if (delayMs === null) return;
    nowMs += delayMs;
    yield Math.round(nowMs);
  }
}

type Timed = { readonly atMs: number; readonly step: Step };

/** Steps of many users who come over the period, each in its own pace; a step is taken after the ones before it have been answered. */
function* interleave(count: number, seed: string, shared: Omit<Parameters<Script>[0], "random">): Generator<Timed> {
  const shares = scripts.flatMap(([script, share]) => Array.from({ length: share }, () => script));
  const random = createSeededRandom(seed, ["users"]);
  const waiting: { atMs: number; step: Step; readonly rest: Iterator<Step> }[] = [];
  let users = 0;
  const join = () => {
    const script = shares[drawInt(random, 0, shares.length - 1)];
    users += 1;
    const rest = script?.({ ...shared, random: createSeededRandom(seed, ["user", users]) })[Symbol.iterator]();
    const first = rest?.next();
    if (rest === undefined || first === undefined || first.done === true) return;
    waiting.push({ atMs: Math.round(random.next() * PERIOD_MS * 0.9), step: first.value, rest });
  };
  // Some three requests each: enough users for the whole count, all there from the start and waiting for their time.
  for (let user = 0; user < Math.ceil(count / 2); user += 1) join();
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
