import { z } from "zod";
import { type Clock, systemClock } from "../../runtime/clock.js";
import { parseOptions } from "../../runtime/parse-options.js";
import { abandonIterator } from "../abandon-iterator.js";
import {
  BACKEND_SPECIFICATION_VERSION,
  type BackendCall,
  BackendError,
  type BackendHealth,
  type BackendPart,
  type HealthCheckOptions,
  type InferenceBackend,
} from "../inference-backend.js";
import { throwIfCancelled } from "../next-turn.js";
import { type Beginning, readBeginning } from "./first-content.js";
import { chooseMember, createMember, isUp, type Member, type MemberOutcome, type PooledMember } from "./members.js";

/** Options of {@link pooledBackend}. */
export type PooledBackendOptions = {
  /** Backends that give the same answers: same model, same sampler. */
  readonly members: readonly {
    readonly backend: InferenceBackend;
    /** Requests that it has for one of a member of weight 1. Default 1. */
    readonly weight?: number;
    /** Default: its place, from 1. */
    readonly name?: string;
  }[];
  /**
   * A streamed answer that brings nothing to read for this long is asked of another member, milliseconds. Default 5,000: half of what
   * validators wait at least, so that another one has a chance.
   */
  readonly firstContentMs?: number;
  readonly clock?: Clock;
};

/** Parser of the options of {@link PooledBackendOptions} that are values. */
const pooledOptionsSchema = z.strictObject({
  members: z
    .array(
      z.strictObject({
        backend: z.custom<InferenceBackend>((value) => typeof value === "object" && value !== null && "run" in value, "must be a backend"),
        weight: z.number().positive().max(1e6).optional(),
        name: z.string().min(1).optional(),
      }),
    )
    .min(1),
  firstContentMs: z.number().positive().optional(),
  clock: z.custom<Clock>().optional(),
});

/** Several backends as one, and how each of them stands. */
export type PooledBackend = InferenceBackend & { getMembers(): readonly PooledMember[] };

const DEFAULT_FIRST_CONTENT_MS = 5_000;
/** One that failed or hung is asked only where no other is left, for so long. */
const REST_MS = 10_000;
/** One that is busy, and does not say for how long. */
const BUSY_REST_MS = 1_000;
/** A miner takes a backend for away that says nothing for 5 s: one member's silence must not be all members'. */
const HEALTH_LIMIT_MS = 3_000;

/**
 * Several backends as one: each request goes to the one that is up and has the fewest under way for its weight. Until something to read has
 * come, one that is busy, fails or hangs is passed over for the next, and rests for a while; from then on its failure is the answer's. A
 * request that one calls invalid is asked of no other.
 *
 * It is healthy while one of its members is: a miner offers its tasks until all are away, and again when one is back.
 *
 * @throws VisionError `SDK_INVALID_OPTIONS` naming every mistake in the options at once.
 *
 * @example
 * ```ts
 * const backend = pooledBackend({
 *   members: [
 *     { backend: openaiCompatible({ baseUrl: "http://10.0.0.1:8000" }), weight: 2 },
 *     { backend: openaiCompatible({ baseUrl: "http://10.0.0.2:8000" }) },
 *   ],
 * });
 * ```
 */
export function pooledBackend(options: PooledBackendOptions): PooledBackend {
  parseOptions<unknown>("pooledBackend", pooledOptionsSchema, options);
  const { clock = systemClock, firstContentMs = DEFAULT_FIRST_CONTENT_MS } = options;
  const members = options.members.map(({ backend, weight = 1, name }, index) => createMember(name ?? `${index + 1}`, backend, weight));
  const backends = members.map(({ backend }) => backend);

  async function* run(call: BackendCall) {
    const left = new Set(members);
    const failures: unknown[] = [];
    for (;;) {
      throwIfCancelled(call.signal);
      const member = chooseMember([...left], clock.monotonicMs());
      if (member === null) throw worstOf(failures);
      left.delete(member);
      const attempt = startAttempt(member, call);
      let outcome: MemberOutcome = "cancelled";
      try {
        const beginning = await attempt.begin(left.size === 0 ? null : firstContentMs);
        if (beginning === "slow") {
          outcome = "slow";
          rest(member, REST_MS);
          failures.push(new BackendError({ code: "failed", message: `${member.name} sent nothing for ${firstContentMs} ms.` }));
          continue;
        }
        yield* beginning.parts;
        for (let isOver = beginning.isOver; !isOver; ) {
          const step = await attempt.next();
          isOver = step.done === true;
          if (step.done !== true) yield step.value;
        }
        outcome = "answered";
        member.restsUntilMs = Number.NEGATIVE_INFINITY;
        return;
      } catch (error) {
        throwIfCancelled(call.signal);
        outcome = BackendError.isInstance(error, "busy") ? "busy" : "failed";
        if (BackendError.isInstance(error, "invalid")) {
          outcome = "answered";
          throw error;
        }
        rest(member, BackendError.isInstance(error, "busy") ? Math.min(error.retryAfterMs ?? BUSY_REST_MS, REST_MS) : REST_MS);
        if (attempt.hasBegun()) throw error;
        failures.push(error);
      } finally {
        attempt.end();
        member.requests[outcome] += 1;
      }
    }
  }

  function rest(member: Member, durationMs: number): void {
    member.restsUntilMs = clock.monotonicMs() + durationMs;
  }

  /** A member at work on a request, until `end`. */
  function startAttempt(member: Member, call: BackendCall) {
    const controller = new AbortController();
    const onAbort = () => controller.abort(call.signal.reason);
    call.signal.addEventListener("abort", onAbort, { once: true });
    if (call.signal.aborted) onAbort();
    member.inFlight += 1;
    member.started += 1;
    let iterator: AsyncIterator<BackendPart> | null = null;
    let hasBegun = false;
    return {
      next: async () => iterator?.next() ?? { done: true as const, value: undefined },
      hasBegun: () => hasBegun,
      async begin(limitMs: number | null): Promise<Beginning | "slow"> {
        iterator = member.backend.run({ ...call, signal: controller.signal } as BackendCall)[Symbol.asyncIterator]();
        const reading = readBeginning(call, iterator);
        const beginning = await (limitMs === null || !call.isStream ? reading : within(reading, limitMs));
        if (beginning === "slow") return "slow";
        if (beginning.parts.length === 0) throw new BackendError({ code: "failed", message: `${member.name} answered nothing.` });
        hasBegun = true;
        return beginning;
      },
      end() {
        call.signal.removeEventListener("abort", onAbort);
        member.inFlight -= 1;
        controller.abort(new Error("the answer is over"));
        // One that hangs may never settle; nobody waits for it.
        abandonIterator(iterator);
      },
    };
  }

  /** What comes in time. Of what comes later nobody hears, its failures included. */
  async function within(reading: Promise<Beginning>, limitMs: number): Promise<Beginning | "slow"> {
    let cancelTimer = () => {};
    const late = new Promise<"slow">((resolve) => {
      cancelTimer = clock.setTimer(limitMs, () => resolve("slow"));
    });
    try {
      return await Promise.race([reading, late]);
    } finally {
      cancelTimer();
      reading.catch(() => undefined);
    }
  }

  /** Asks a member; one that says nothing in time is away, whatever the others say. */
  async function checkMember(member: Member, asked: HealthCheckOptions): Promise<void> {
    let cancelTimer = () => {};
    const late = new Promise<BackendHealth>((resolve) => {
      const giveUp = () => resolve({ isHealthy: false, detail: `no answer within ${HEALTH_LIMIT_MS} ms` });
      cancelTimer = clock.setTimer(HEALTH_LIMIT_MS, giveUp);
    });
    const own = async (): Promise<BackendHealth> => (await member.backend.checkHealth?.(asked)) ?? { isHealthy: true };
    const ill = (error: unknown): BackendHealth => ({ isHealthy: false, detail: error instanceof Error ? error.message : String(error) });
    member.health = await Promise.race([own().catch(ill), late]);
    cancelTimer();
  }

  return {
    specificationVersion: BACKEND_SPECIFICATION_VERSION,
    name: "pooled",
    run,
    getMembers: () =>
      members.map((member) => ({
        name: member.name,
        isUp: isUp(member, clock.monotonicMs()),
        inFlight: member.inFlight,
        requests: { ...member.requests },
      })),
    async checkHealth(asked) {
      await Promise.all(members.map((member) => checkMember(member, asked)));
      const away = members.filter(({ health }) => !health.isHealthy);
      const told = away.map(({ name, health }) => `${name}: ${health.detail ?? "it is not well"}`).join("; ");
      if (away.length === members.length) return { isHealthy: false, detail: told };
      if (away.length > 0) return { isHealthy: true, detail: `${away.length} of ${members.length} are away: ${told}` };
      const details = [...new Set(members.flatMap(({ health }) => health.detail ?? []))];
      return { isHealthy: true, ...(details.length === 0 ? {} : { detail: details.join("; ") }) };
    },
    async findObstacle(task) {
      for (const { name, backend } of members) {
        const obstacle = (await backend.findObstacle?.(task)) ?? null;
        if (obstacle !== null) return `${name}: ${obstacle}`;
      }
      return null;
    },
    sampler(model) {
      const [first = null, ...others] = backends.map((backend) => backend.sampler?.(model) ?? null);
      return others.every((other) => other === first) ? first : null;
    },
    contextTokens(model) {
      const known = backends.flatMap((backend) => backend.contextTokens?.(model) ?? []);
      return known.length === 0 ? null : Math.min(...known);
    },
    async close() {
      await Promise.all(backends.map((backend) => backend.close?.()));
    },
  };
}

/** Of several failures the one that says most: busy ones may be over soon. */
function worstOf(failures: readonly unknown[]): unknown {
  return failures.find((error) => BackendError.isInstance(error, "busy")) ?? failures.at(-1);
}
