import assert from "node:assert/strict";
import { type Answer, defaultSampler, getFamily, type RequestBody, type SamplerName, type Task } from "@vision/protocol";
import { createBackendCall } from "../backends/backend-call.js";
import { type BackendCall, BackendError, type BackendPart, type InferenceBackend } from "../backends/inference-backend.js";
import { readTextRequest } from "../backends/text/read-text-request.js";
import { isTextCall, isTextFamily } from "../backends/text/text-format.js";
import { hasJudgedSampler, judgedSeeds, judgeSampler, type SampledAnswer } from "./judge-sampler.js";

/** A case of a contract suite; `run` rejects when the contract is broken. */
export type ContractCase = { readonly name: string; run(): Promise<void> };

/** An answer and what it answers. */
export type AnswerToCheck = {
  readonly task: Task;
  /** As a validator sends it: with a seed, and all that is left out filled in. */
  readonly request: RequestBody;
  readonly answer: Answer;
  /** How the backend says that it draws. */
  readonly sampler: SamplerName;
  readonly signal: AbortSignal;
};

/** What was found in an answer. `qualityFraction`: 1 for one without a fault. */
export type AnswerVerdict =
  | { readonly kind: "judged"; readonly qualityFraction: number; readonly reasons: readonly string[] }
  | { readonly kind: "inconclusive"; readonly reason: string };

/** Options of {@link backendContractSuite}. */
export type BackendContractOptions = {
  /** A fresh backend for each case; it is closed after the case. */
  createBackend(): InferenceBackend | Promise<InferenceBackend>;
  /** A task that the backend serves. */
  readonly task: Task;
  /** A request that the family's schema accepts and that the backend can answer with at least four events when it streams. */
  readonly request: Readonly<Record<string, unknown>>;
  /** A request that the backend must refuse as `invalid`, if there is one. */
  readonly invalidRequest?: Readonly<Record<string, unknown>>;
  /** Whether text answers carry a logprob for every token. Answers without cannot be checked and earn nothing. Default true. */
  readonly hasLogprobs?: boolean;
  /**
   * Whether answers of a task whose sampler is part of the task (the `-tiny` ones) are drawn by it. Default true: validators draw every token
   * again, and an answer by any other sampler earns nothing.
   */
  readonly hasSeededSampler?: boolean;
  /**
   * Judges an answer as a validator would, where you have what judges it; then an answer with a fault breaks the contract. Without it, only
   * the draws of tasks whose model is embedded are judged.
   */
  checkAnswer?(input: AnswerToCheck): Promise<AnswerVerdict>;
  /** Whether the same request with the same seed gives the same answer. Default false. */
  readonly isDeterministic?: boolean;
  /** How long a single wait may take, milliseconds. Default 10,000. */
  readonly patienceMs?: number;
};

/**
 * What every inference backend must do, as a list of cases for any test framework.
 *
 * @example
 * ```ts
 * for (const { name, run } of backendContractSuite({ createBackend: () => myBackend(), task, request })) it(name, run);
 * ```
 */
export function backendContractSuite(options: BackendContractOptions): readonly ContractCase[] {
  const family = getFamily(options.task.family);
  const patienceMs = options.patienceMs ?? 10_000;

  const contractCase = (name: string, body: (backend: InferenceBackend) => Promise<void>): ContractCase => ({
    name: `${options.task.id}: ${name}`,
    async run() {
      const backend = await options.createBackend();
      try {
        await body(backend);
      } finally {
        await backend.close?.();
      }
    },
  });

  const callOf = (isStream: boolean, signal: AbortSignal = new AbortController().signal, request = options.request): BackendCall =>
    createBackendCall({
      task: options.task,
      request: family.requestSchema.parse({ ...request, model: options.task.model, ...(family.isStreamable ? { stream: isStream } : {}) }),
      isStream,
      signal,
    });

  const collect = async (backend: InferenceBackend, call: BackendCall): Promise<Answer> => {
    const collector = family.createCollector(call.request);
    for (const part of await drain(backend, call)) {
      const added = part.kind === "event" ? collector.addEvent(JSON.parse(part.data)) : collector.addBody(JSON.parse(part.body));
      assert.ok(added.ok, `a part does not fit the family ${family.name}`);
    }
    const result = collector.finish();
    assert.ok(result.ok, result.ok ? "" : result.reason);
    return result.answer;
  };

  const cases: ContractCase[] = [
    contractCase("answers a request that is not streamed with exactly one body", async (backend) => {
      const parts = await drain(backend, callOf(false));
      assert.deepEqual(
        parts.map((part) => part.kind),
        ["body"],
      );
      await collect(backend, callOf(false));
    }),
    contractCase("answers at least one work unit and no more than were asked for", async (backend) => {
      const call = callOf(false);
      const units = family.workUnits(call.request, await collect(backend, call));
      assert.ok(units >= 1, "the answer counts no work units");
      assert.ok(units <= family.maxWorkUnits(call.request), `the answer counts ${units} work units, more than the request allows`);
    }),
    contractCase("answers several requests side by side", async (backend) => {
      await Promise.all([collect(backend, callOf(false)), collect(backend, callOf(false)), collect(backend, callOf(family.isStreamable))]);
    }),
    contractCase("does not answer a request that is already cancelled", async (backend) => {
      const { parts } = await drainUntilEnd(backend, callOf(family.isStreamable, AbortSignal.abort()));
      assert.equal(parts.length, 0, "parts were sent for a cancelled request");
    }),
    contractCase("reports its health without throwing", async (backend) => {
      const health = await backend.checkHealth?.({ signal: AbortSignal.timeout(patienceMs) });
      assert.equal(health?.isHealthy ?? true, true, health?.detail);
    }),
  ];

  if (family.isStreamable) {
    cases.push(
      contractCase("streams events that make the same kind of answer, and no [DONE]", async (backend) => {
        const parts = await drain(backend, callOf(true));
        assert.ok(parts.length >= 2, "a stream must have several events");
        for (const part of parts) {
          assert.equal(part.kind, "event", "a streamed answer has only events");
          if (part.kind === "event") assert.ok(!part.data.includes("[DONE]") && !part.data.includes("\n"), "an event is one line of JSON");
        }
        await collect(backend, callOf(true));
      }),
      contractCase("stops soon after the request is cancelled", async (backend) => {
        const controller = new AbortController();
        const iterator = backend.run(callOf(true, controller.signal))[Symbol.asyncIterator]();
        await inTime(iterator.next(), patienceMs, "the first event");
        controller.abort();
        await inTime(endOf(iterator), patienceMs, "the end of a cancelled answer");
      }),
      contractCase("stops when its reader stops, and still answers the next request", async (backend) => {
        const iterator = backend.run(callOf(true))[Symbol.asyncIterator]();
        await inTime(iterator.next(), patienceMs, "the first event");
        await inTime(Promise.resolve(iterator.return?.()), patienceMs, "the end after the reader stopped");
        await collect(backend, callOf(true));
      }),
    );
    if (options.hasLogprobs ?? true) {
      cases.push(
        contractCase("gives every token a logprob, the ending one included", async (backend) => {
          const answer = await collect(backend, callOf(true));
          assert.ok(answer.kind === "text" && answer.tokens.length > 0, "the answer carries no tokens");
          for (const token of answer.tokens) assert.ok(token.logprob !== null, `the token ${JSON.stringify(token.text)} has no logprob`);
        }),
      );
    }
  }
  if (options.hasSeededSampler ?? true) {
    cases.push(
      contractCase("draws the tokens that the request's seed gives, where the task says how", async (backend) => {
        if (!(await hasJudgedSampler(options.task))) return;
        const answers: SampledAnswer[] = [];
        for (const seed of judgedSeeds) {
          const call = callOf(family.isStreamable, undefined, { ...options.request, temperature: 1, seed, logprobs: undefined });
          if (!isTextCall(call)) return;
          answers.push({ request: readTextRequest(call, seed), answer: await collect(backend, call) });
        }
        await judgeSampler(options.task, answers);
      }),
    );
  }
  const { checkAnswer } = options;
  if (checkAnswer !== undefined) {
    cases.push(
      contractCase("gives answers in which a validator finds no fault, at temperature 0 and above", async (backend) => {
        const { task } = options;
        const sampler = backend.sampler?.(task.model) ?? defaultSampler(task);
        for (const temperature of [0, 1]) {
          const asked = family.requestSchema.parse({ ...options.request, ...(isTextFamily(task.family) ? { temperature } : {}), seed: 5 });
          const request = family.normalise(asked, { task, fallbackSeed: 5 });
          const answer = await collect(backend, callOf(family.isStreamable, undefined, request));
          const verdict = await checkAnswer({ task, request, answer, sampler, signal: new AbortController().signal });
          assert.ok(verdict.kind === "judged", verdict.kind === "judged" ? "" : `it could not be judged: ${verdict.reason}`);
          assert.ok(verdict.qualityFraction === 1, `an answer is worth ${verdict.qualityFraction}: ${verdict.reasons.join("; ")}`);
        }
      }),
    );
  }
  if (options.isDeterministic === true) {
    cases.push(
      contractCase("answers the same for the same seed, streamed or not", async (backend) => {
        const first = await collect(backend, callOf(false));
        assert.deepEqual(await collect(backend, callOf(false)), first);
        if (family.isStreamable) assert.deepEqual(await collect(backend, callOf(true)), first);
      }),
    );
  }
  const { invalidRequest } = options;
  if (invalidRequest !== undefined) {
    cases.push(
      contractCase("refuses what it cannot serve with a BackendError", async (backend) => {
        const { error } = await drainUntilEnd(backend, callOf(false, undefined, invalidRequest));
        assert.ok(BackendError.isInstance(error, "invalid"), `expected a BackendError "invalid", got ${String(error)}`);
      }),
    );
  }
  return cases;

  async function drain(backend: InferenceBackend, call: BackendCall): Promise<readonly BackendPart[]> {
    const { parts, error } = await drainUntilEnd(backend, call);
    if (error !== null) throw error;
    return parts;
  }

  async function drainUntilEnd(backend: InferenceBackend, call: BackendCall) {
    const parts: BackendPart[] = [];
    const read = async (): Promise<unknown> => {
      try {
        for await (const part of backend.run(call)) parts.push(part);
        return null;
      } catch (error) {
        return error;
      }
    };
    return { parts, error: await inTime(read(), patienceMs, "the end of an answer") };
  }
}

/** Reads on until the iterator ends; an error is an end too. */
async function endOf(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    while ((await iterator.next()).done !== true);
  } catch {
    // Ending a cancelled answer with an error is allowed.
  }
}

async function inTime<Value>(promise: Promise<Value>, patienceMs: number, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `${what} did not come within ${patienceMs} ms` })), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
