import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { type EpochObservations, type EpochReport, type ScoringParams, scoreEpoch, speedFactor, VISION } from "@vision/scoring";
import { createSeededRandom } from "@vision/scoring/probing";
import fastify from "fastify";
import { openPostgresStore } from "./adapters/postgres/index.js";
import type { ResultRecord } from "./domain/records/index.js";
import { defaultWeightParams } from "./domain/weight-params.js";
import { addPeriodRoutes } from "./gateway/period-routes.js";
import type { Store } from "./ports/index.js";
import { createDependencyGuard } from "./services/dependency-guard.js";
import { createScorer } from "./services/scorer.js";
import { createManualClock } from "./testing/manual-clock.js";
import { recordingLogger } from "./testing/recording-logger.js";
import { createRecordingMetrics } from "./testing/recording-metrics.js";
import { aCheck, anId, aPeriod, aProbe, aResult, HOUR_MS } from "./testing/store-samples.js";
import { startTestPostgres, type TestPostgres } from "./testing/test-postgres.js";

const random = createSeededRandom("timings", []);
const signal = new AbortController().signal;

/** Results with times that no two decimals can write down. */
function resultsOf(hotkey: string, period: number): readonly ResultRecord[] {
  return Array.from({ length: 9 }, (_, index) => {
    const durationMs = 300 + random.next() * 5_000;
    return aResult(anId(`${hotkey}-${period}-${index}`), {
      ...{ hotkey, period, durationMs },
      firstTokenMs: index % 4 === 0 ? null : durationMs * random.next(),
      ...(index === 7 ? { outcome: "failed", blame: "miner", completedUnits: 0 } : { completedUnits: 1 + random.nextInt(200) }),
    });
  });
}

async function fill(store: Store): Promise<void> {
  for (const period of [1, 2, 3]) {
    await store.switchPeriod(
      aPeriod(period),
      ["alice", "bob"].map((hotkey) => aProbe({ hotkey, declaredCapacityPerHour: 900 + random.next() })),
    );
    for (const hotkey of ["alice", "bob"]) {
      const results = resultsOf(hotkey, period);
      await store.recordResults(
        results,
        results
          .filter(({ outcome }) => outcome === "ok")
          .map(({ requestId, firstTokenMs, durationMs, completedUnits }) =>
            aCheck(requestId, { ...{ hotkey, period, firstTokenMs, durationMs }, units: completedUnits }),
          ),
      );
    }
    for (const check of await store.claimChecks({ limit: 100, nowMs: 0, leaseMs: 1 })) {
      const { request: _request, answer: _answer, attempts: _attempts, ...rest } = check;
      await store.recordSample({ ...rest, receipt: null, qualityFraction: random.next(), reasons: [], evidence: null });
    }
  }
}

describe("what a validator publishes", () => {
  let postgres: TestPostgres;
  let store: Store;
  beforeAll(async () => {
    postgres = await startTestPostgres();
    store = await openPostgresStore({ url: await postgres.emptyDatabase() }, { logger: recordingLogger() });
  });
  const app = fastify();
  afterEach(() => app.close());
  afterAll(async () => {
    await store?.close();
    await postgres.stop();
  });

  it("gives the published scores again, to the bit, speed included", async () => {
    await fill(store);
    const clock = createManualClock();
    const guard = createDependencyGuard({ clock, logger: recordingLogger(), metrics: createRecordingMetrics() });
    const scorer = createScorer(
      { params: defaultWeightParams, scoring: VISION, periodMs: HOUR_MS },
      { store, guard, taskWeights: { current: async () => ({ "chat-tiny": 1 }) }, routing: { registry: () => createRegistry() } },
    );
    const scored = await scorer.score(2, signal);
    await store.saveEpoch({ period: 2, createdAtMs: 5, report: scored.report }, scored.inputs);

    addPeriodRoutes(app, { store, clock, door: { letStrangerIn: () => undefined } });
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    const read = async <Value>(path: string): Promise<Value> => {
      const response = await fetch(`${url}/v1/periods/2/${path}`);
      return (await response.json()) as Value;
    };
    const { params, observations } = await read<{ params: ScoringParams; observations: EpochObservations }>("observations");
    const { createdAtMs: _createdAtMs, ...published } = await read<EpochReport & { createdAtMs: number }>("scores");
    expect(JSON.stringify(scoreEpoch(observations, params))).toBe(JSON.stringify(published));

    // The speed of every answer follows from its own times: nothing that was computed before is taken at its word.
    const [alice] = observations.series;
    const [first] = alice?.samples ?? [];
    const target = observations.targets["chat-tiny"];
    if (alice === undefined || first === undefined || target === undefined) throw new Error("nothing was observed");
    expect(alice.samples).toHaveLength(24);
    expect(speedFactor(first, target)).toBeGreaterThan(0);
    const slower = {
      ...observations,
      series: [{ ...alice, samples: alice.samples.map((each) => ({ ...each, durationMs: each.durationMs * 3 })) }],
    };
    const before = published.miners[0]?.tasks[0]?.meanSpeedFactor ?? 0;
    expect(before).toBeGreaterThan(0);
    expect(scoreEpoch(slower, params).miners[0]?.tasks[0]?.meanSpeedFactor).toBeLessThan(before);
  });
});
