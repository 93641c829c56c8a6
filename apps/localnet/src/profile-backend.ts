import { setTimeout as sleep } from "node:timers/promises";
import type { BackendCall, BackendPart, InferenceBackend } from "@vision/sdk/backends";
import { z } from "zod";

/** What a profile changes about the backend behind it. The reference miner loads this module through its configuration. */
export const profileBackendOptionsSchema = z.strictObject({
  /** Share of the task's target speed that answers are paced to; null: as fast as the model runs. */
  paceFraction: z.number().positive().nullable(),
  /** Share of the requests that fail, 0 to 1. */
  failingFraction: z.number().min(0).max(1),
  /** Work units per hour and task above which requests are answered "busy"; null: no limit. */
  limitPerHour: z.record(z.string(), z.number().positive()).nullable(),
  /** Saves half of the steps of an image. */
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

/** Seconds of volume that a limited miner can serve at once before it says "busy". */
const BURST_SECONDS = 4;

/** Work units that are free by task: refilled by the hour's rate, never above the burst. */
function createLimiter(limitPerHour: Readonly<Record<string, number>>) {
  const buckets = new Map<string, { units: number; atMs: number }>();
  return (taskId: string, units: number): boolean => {
    const perSecond = (limitPerHour[taskId] ?? Number.POSITIVE_INFINITY) / 3600;
    if (!Number.isFinite(perSecond)) return true;
    const nowMs = performance.now();
    const full = Math.max(perSecond * BURST_SECONDS, units);
    const bucket = buckets.get(taskId) ?? { units: full, atMs: nowMs };
    const free = Math.min(full, bucket.units + ((nowMs - bucket.atMs) / 1000) * perSecond);
    const isFree = free >= units;
    buckets.set(taskId, { units: isFree ? free - units : free, atMs: nowMs });
    return isFree;
  };
}

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

function withHalfSteps(call: BackendCall): BackendCall {
  if (call.familyName !== "image-generation") return call;
  const { steps } = call.request;
  return typeof steps === "number" ? { ...call, request: { ...call.request, steps: Math.max(1, Math.floor(steps / 2)) } } : call;
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
  const admit = options.limitPerHour === null ? () => true : createLimiter(options.limitPerHour);

  async function* run(call: BackendCall): AsyncIterable<BackendPart> {
    if (!admit(call.task.id, call.family.maxWorkUnits(call.request))) {
      throw new BackendError({ code: "busy", message: "This miner is full.", retryAfterMs: 1000 });
    }
    if (isFailing(call.task.id)) throw new BackendError({ code: "failed", message: "This miner fails some of its requests." });
    const stepped = options.hasHalfImageSteps ? withHalfSteps(call) : call;
    const seeded = options.hasOwnSeed ? withOwnSeed(stepped) : stepped;
    const whole = inner?.run(options.isCutShort ? withHalfLength(seeded) : seeded);
    if (whole === undefined) return;
    const parts = options.isCutShort ? ended(whole) : whole;
    yield* options.paceFraction === null ? parts : paced(parts, call, options.paceFraction);
  }

  return { ...inner, name: `profile(${inner.name})`, run };
}
