import { setTimeout as sleep } from "node:timers/promises";
import type { BackendCall, BackendPart, InferenceBackend } from "@vision/sdk/backends";
import { z } from "zod";
import { createKeptAnswers } from "./keep-answers.js";
import { askSharedMachine } from "./shared-machine.js";
import { createVolumeLimiter } from "./volume-limiter.js";

/** What a profile changes about the backend behind it. The reference miner loads this module through its configuration. */
export const profileBackendOptionsSchema = z.strictObject({
  /** Share of the task's target speed that answers are paced to; null: as fast as the model runs. */
  paceFraction: z.number().positive().nullable(),
  /** Share of the requests that fail, 0 to 1. */
  failingFraction: z.number().min(0).max(1),
  /** Work units per hour and task above which it is full; null: no limit. */
  limitPerHour: z.record(z.string(), z.number().positive()).nullable(),
  /** Address of a machine whose capacity other miners use too; null: it has its own. */
  sharedMachineUrl: z.url().nullable(),
  /** What a request gets that does not fit: "busy", or an answer to another question. */
  overflow: z.enum(["refuse", "junk"]),
  /** Saves half of the steps of an image, made from nothing or from another one. */
  hasHalfImageSteps: z.boolean(),
  /** Writes half of the tokens of a text and calls it the end. */
  isCutShort: z.boolean(),
  /** Draws with a seed of its own. */
  hasOwnSeed: z.boolean(),
});

export type ProfileBackendOptions = z.infer<typeof profileBackendOptionsSchema>;

type Helpers = {
  readonly inner: InferenceBackend | null;
  readonly sdk: Pick<typeof import("@vision/sdk/backends"), "BackendError">;
};

/** Fails that share of the calls, evenly spread and by task: luck must not decide what a short period sees. */
function createFailures(fraction: number) {
  const debts = new Map<string, number>();
  return (taskId: string): boolean => {
    const debt = (debts.get(taskId) ?? 0.5) + fraction;
    const isFailing = debt >= 1;
    debts.set(taskId, isFailing ? debt - 1 : debt);
    return isFailing;
  };
}

const half = (steps: number) => Math.max(1, Math.floor(steps / 2));

function withHalfSteps(call: BackendCall): BackendCall {
  if (call.familyName !== "image-generation" && call.familyName !== "image-edits") return call;
  const { steps } = call.request;
  if (typeof steps !== "number") return call;
  return call.familyName === "image-edits"
    ? { ...call, request: { ...call.request, steps: half(steps) } }
    : { ...call, request: { ...call.request, steps: half(steps) } };
}

function withHalfLength(call: BackendCall): BackendCall {
  if (call.familyName !== "chat-completions") return call;
  const { max_tokens: asked, max_completion_tokens: alsoAsked } = call.request;
  const most = alsoAsked ?? asked;
  if (typeof most !== "number") return call;
  return { ...call, request: { ...call.request, max_tokens: Math.max(1, Math.floor(most / 2)), max_completion_tokens: undefined } };
}

const calledEnd = (json: string) => json.replace('"finish_reason":"length"', '"finish_reason":"stop"');

async function* ended(parts: AsyncIterable<BackendPart>): AsyncIterable<BackendPart> {
  for await (const part of parts) {
    yield part.kind === "body" ? { ...part, body: calledEnd(part.body) } : { ...part, data: calledEnd(part.data) };
  }
}

function withOwnSeed(call: BackendCall): BackendCall {
  if (call.familyName !== "chat-completions") return call;
  const { seed } = call.request;
  return typeof seed === "number" ? { ...call, request: { ...call.request, seed: seed ^ 1 } } : call;
}

async function* paced(parts: AsyncIterable<BackendPart>, call: BackendCall, paceFraction: number): AsyncIterable<BackendPart> {
  const { target } = call.task;
  const firstPartMs = target.firstTokenMs / paceFraction;
  const perUnitMs = 1000 / (target.unitsPerSecond * paceFraction);
  const startedMs = performance.now();
  let units = 0;
  for await (const part of parts) {
    // A body comes at once with all of its work; an event of a stream is about one token.
    units += part.kind === "body" ? call.family.maxWorkUnits(call.request) : 1;
    const dueMs = (part.kind === "body" ? 0 : firstPartMs * 0.5) + units * perUnitMs;
    await sleep(Math.max(0, dueMs - (performance.now() - startedMs)), undefined, { signal: call.signal });
    yield part;
  }
}

/** The backend of a local miner: the inner one with the profile's behaviour in front. */
export default function createProfileBackend(input: unknown, helpers: Helpers): InferenceBackend {
  const options = profileBackendOptionsSchema.parse(input);
  const { inner } = helpers;
  const { BackendError } = helpers.sdk;
  if (inner === null) throw new Error('The profile backend needs "inner": the backend that it stands in front of.');
  const isFailing = createFailures(options.failingFraction);
  const hasRoom = createVolumeLimiter({ limitPerHour: options.limitPerHour ?? {}, now: () => performance.now() });
  const answers = createKeptAnswers();

  async function isFull({ task, family, request, signal }: BackendCall): Promise<boolean> {
    const units = family.maxWorkUnits(request);
    if (!hasRoom(task.id, units)) return true;
    return options.sharedMachineUrl !== null && !(await askSharedMachine(options.sharedMachineUrl, { taskId: task.id, units, signal }));
  }

  async function* run(call: BackendCall): AsyncIterable<BackendPart> {
    if (await isFull(call)) {
      const junk = options.overflow === "junk" ? answers.find(call) : null;
      if (junk === null) throw new BackendError({ code: "busy", message: "This miner is full.", retryAfterMs: 1000 });
      return yield* junk;
    }
    if (isFailing(call.task.id)) throw new BackendError({ code: "failed", message: "This miner fails some of its requests." });
    const stepped = options.hasHalfImageSteps ? withHalfSteps(call) : call;
    const seeded = options.hasOwnSeed ? withOwnSeed(stepped) : stepped;
    const whole = inner?.run(options.isCutShort ? withHalfLength(seeded) : seeded);
    if (whole === undefined) return;
    const parts = options.isCutShort ? ended(whole) : whole;
    const given = options.paceFraction === null ? parts : paced(parts, call, options.paceFraction);
    yield* options.overflow === "junk" ? answers.keep(call, given) : given;
  }

  return { ...inner, name: `profile(${inner.name})`, run };
}
