import { randomUUID } from "node:crypto";
import { createEmbeddedReference, createEnginePool, drawSyntheticRequest } from "@vision/checking";
import { type Answer, createRegistry, getFamily, type RequestBody, type Task } from "@vision/protocol";
import { createSeededRandom, defaultCheckParams, type Random } from "@vision/scoring/probing";
import { createBackendCall, type InferenceBackend, tiny } from "@vision/sdk/backends";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { createTinyWorker } from "@vision/tiny";
import { createSystemClock } from "../src/adapters/clock.js";
import { createPrometheusMetrics } from "../src/adapters/metrics/index.js";
import { openPostgresStore } from "../src/adapters/postgres/index.js";
import type { CheckRecord } from "../src/domain/records/index.js";
import type { Reference, Store } from "../src/ports/index.js";
import { createChecker } from "../src/services/checker.js";
import { createDependencyGuard } from "../src/services/dependency-guard.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { aPeriod, aProbe, aResult, aTiming } from "../src/testing/store-samples.js";
import { startTestPostgres, type TestPostgres } from "../src/testing/test-postgres.js";

/** How many answers of a task so many workers checked in a second, and how many times that of one worker in the same run. */
export type CheckRate = {
  readonly task: string;
  readonly workers: number;
  readonly checks: number;
  readonly checksPerSecond: number;
  readonly timesOneWorker: number;
  /** CPU of the whole process, all threads, for each check; the database's is not in it. */
  readonly cpuMillisecondsPerCheck: number;
};

export type ChecksOptions = {
  readonly taskIds: readonly string[];
  readonly workerCounts: readonly number[];
  readonly checks: number;
  /** Module of the embedded models' worker. */
  readonly workerUrl: string;
};

type Asked = Pick<CheckRecord, "request" | "answer">;

const DIFFERENT_ANSWERS = 24;
const MINERS = 32;

/** What an honest miner answers to a request as the validator draws them. */
async function ask(backend: InferenceBackend, task: Task, random: Random): Promise<Asked> {
  const family = getFamily(task.family);
  const drawn = drawSyntheticRequest({ task, random, maxUnits: task.typicalUnitsPerRequest });
  const request = family.normalise(drawn, { task, fallbackSeed: 11 }) as RequestBody;
  const parsed = family.requestSchema.parse({ ...request, model: task.model });
  const collector = family.createCollector(parsed);
  const call = createBackendCall({ task, request: parsed, isStream: family.isStreamable, signal: new AbortController().signal });
  for await (const part of backend.run(call)) {
    const added = part.kind === "event" ? collector.addEvent(JSON.parse(part.data)) : collector.addBody(JSON.parse(part.body));
    if (!added.ok) throw new Error(added.reason);
  }
  const finished: { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly reason: string } = collector.finish();
  if (!finished.ok) throw new Error(finished.reason);
  return { request, answer: finished.answer };
}

/** Time and CPU in which the checker works through so many waiting answers: claimed from the database, judged, and recorded there. */
async function workThrough(
  {
    task,
    asked,
    checks,
    workers,
  }: { readonly task: Task; readonly asked: readonly Asked[]; readonly checks: number; readonly workers: number },
  { postgres, reference }: { readonly postgres: TestPostgres; readonly reference: Reference },
): Promise<{ readonly seconds: number; readonly cpuSeconds: number }> {
  const [clock, logger, { metrics }] = [createSystemClock(), recordingLogger(), createPrometheusMetrics()];
  const store = await openPostgresStore({ url: await postgres.createDatabase() }, { logger });
  await store.switchPeriod(aPeriod(1), [aProbe({ taskId: task.id })]);
  const waiting = Array.from({ length: checks }, (_, index): CheckRecord => {
    const [ofAll, hotkey] = [asked[index % asked.length], `miner-${index % MINERS}`];
    if (ofAll === undefined) throw new Error("nobody was asked");
    const ids = { requestId: randomUUID(), period: 1, hotkey, taskId: task.id };
    return { ...ids, ...ofAll, ...aTiming, receipt: null, sampler: "gumbel-murmur3", isOrganic: false };
  });
  await store.recordResults(
    waiting.map(({ requestId, hotkey }) => aResult(requestId, { hotkey, taskId: task.id })),
    waiting,
  );
  const stop = new AbortController();
  let left = checks;
  let worst = 1;
  const recordSample: Store["recordSample"] = async (sample) => {
    await store.recordSample(sample);
    worst = Math.min(worst, sample.qualityFraction);
    left -= 1;
    if (left === 0) stop.abort();
  };
  const checker = createChecker(
    { ...defaultCheckParams, concurrency: workers },
    {
      ...{ reference, clock, logger, metrics, store: { ...store, recordSample } },
      readScope: async () => ({ validator: createHotkeyFromUri("//validator").address, tasks: null }),
      routing: { task: () => task },
      guard: createDependencyGuard({ clock, logger, metrics }),
    },
  );
  const [startedAtMs, cpuBefore] = [performance.now(), process.cpuUsage()];
  await checker.run(stop.signal).catch((error: unknown) => {
    if (left > 0) throw error;
  });
  const [seconds, cpu] = [(performance.now() - startedAtMs) / 1000, process.cpuUsage(cpuBefore)];
  await store.close();
  if (worst < 1) throw new Error(`an honest answer at ${task.id} was judged ${worst}`);
  return { seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
}

/** Checks made answers of each task with each number of workers: by the checker, on the embedded models, out of a real database. */
export async function measureChecks({ taskIds, workerCounts, checks, workerUrl }: ChecksOptions): Promise<readonly CheckRate[]> {
  await ready();
  const postgres = await startTestPostgres();
  const backend = tiny();
  const rates: CheckRate[] = [];
  try {
    for (const taskId of taskIds) {
      const task = createRegistry().get(taskId);
      if (task === undefined) throw new Error(`There is no task ${taskId}.`);
      const random = createSeededRandom("checks", [taskId]);
      const asked: Asked[] = [];
      for (let index = 0; index < DIFFERENT_ANSWERS; index += 1) asked.push(await ask(backend, task, random));
      let ofOne: number | null = null;
      for (const workers of workerCounts) {
        const reference = createEmbeddedReference(createEnginePool(workers, () => createTinyWorker({ workerUrl })));
        // Every worker is started and has loaded its model before time is taken.
        const signal = new AbortController().signal;
        const warm = asked.slice(0, workers).map((each) => reference.check({ task, ...each, sampler: "gumbel-murmur3", signal }));
        await Promise.all(warm);
        const { seconds, cpuSeconds } = await workThrough({ task, asked, checks, workers }, { postgres, reference });
        await reference.close();
        const checksPerSecond = checks / seconds;
        ofOne ??= checksPerSecond;
        const cpuMillisecondsPerCheck = (cpuSeconds * 1000) / checks;
        rates.push({ task: taskId, workers, checks, checksPerSecond, timesOneWorker: checksPerSecond / ofOne, cpuMillisecondsPerCheck });
      }
    }
  } finally {
    await postgres.stop();
  }
  return rates;
}
