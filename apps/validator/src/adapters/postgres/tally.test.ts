import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { MAX_UNITS, tallyPeriod } from "@vision/scoring";
import fc from "fast-check";
import { createPeriodProgress } from "../../domain/period-progress.js";
import type { ResultRecord } from "../../domain/records/index.js";
import type { Store } from "../../ports/index.js";
import { createMemoryStore } from "../../testing/memory-store.js";
import { recordingLogger } from "../../testing/recording-logger.js";
import { anId, aPeriod, aProbe, aResult } from "../../testing/store-samples.js";
import { startTestPostgres, type TestPostgres } from "../../testing/test-postgres.js";
import { openPostgresStore } from "./open-postgres-store.js";

const hotkeys = ["alice", "bob"] as const;
const taskIds = ["chat-tiny", "image-tiny"] as const;
const series = hotkeys.flatMap((hotkey) => taskIds.map((taskId) => ({ hotkey, taskId })));
const periods = [1, 2] as const;

// Whole numbers, so that sums do not depend on their order, and everything that is no amount of work.
const units = fc.oneof(
  fc.integer({ min: 0, max: 1_000_000 }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, -0, 1e300, MAX_UNITS),
);

const result: fc.Arbitrary<ResultRecord> = fc
  .record({
    period: fc.constantFrom(...periods),
    hotkey: fc.constantFrom(...hotkeys),
    taskId: fc.constantFrom(...taskIds),
    isOrganic: fc.boolean(),
    outcome: fc.constantFrom("ok", "rateLimited", "failed"),
    blame: fc.constantFrom("miner", "validator", "nobody"),
    attemptedUnits: units,
    completedUnits: units,
  } as const)
  .map((changes) => aResult("", changes));

/** Batches of results; some come twice, in one batch or in several. */
const recordings = fc
  .record({
    results: fc.array(result, { minLength: 1, maxLength: 15 }),
    order: fc.array(fc.array(fc.nat(), { maxLength: 15 }), { maxLength: 4 }),
  })
  .map(({ results, order }) => {
    const named = results.map((each, index) => ({ ...each, requestId: anId(`r${index}`) }));
    return order.map((batch) => batch.flatMap((index) => named[index % named.length] ?? []));
  });

async function tallyInStore(store: Store, batches: readonly (readonly ResultRecord[])[]) {
  for (const period of periods) {
    await store.switchPeriod(
      aPeriod(period),
      series.map((each) => aProbe(each)),
    );
  }
  for (const batch of batches) await store.recordResults(batch, []);
  const open = await store.getOpenPeriod();
  return {
    series: await store.getSeries({ fromPeriod: 0, samplesPerSeries: 0, isOpenPeriodIncluded: true }),
    counts: (open?.probes ?? []).map(({ hotkey, taskId, ...rest }) => [`${hotkey} ${taskId}`, rest] as const).sort(),
  };
}

describe("what counts", () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startTestPostgres();
  });
  afterAll(() => postgres.stop());

  it("the SQL, the memory of the running period and the public function count the same", async () => {
    await fc.assert(
      fc.asyncProperty(recordings, async (batches) => {
        const store = await openPostgresStore({ url: await postgres.emptyDatabase() }, { logger: recordingLogger() });
        const inDatabase = await tallyInStore(store, batches).finally(() => store.close());
        expect(await tallyInStore(createMemoryStore(), batches)).toEqual(inDatabase);

        const recorded = [...new Set(batches.flat())];
        for (const { hotkey, taskId, declaredCapacityPerHour, periods: tallies } of inDatabase.series) {
          const own = recorded.filter((each) => each.hotkey === hotkey && each.taskId === taskId);
          const expected = periods.map((period) => ({
            ...tallyPeriod(own, { period, declaredCapacityUnits: declaredCapacityPerHour }),
            // Every plan was the same, and nothing was checked.
            ...{ plannedUnits: 250, checkedCount: 0, passedCount: 0 },
          }));
          expect(tallies).toEqual(expected);
        }

        const progress = createPeriodProgress(
          aPeriod(2),
          series.map((each) => aProbe(each)),
        );
        for (const each of recorded) progress.noteResult(each);
        const inMemory = progress
          .states()
          .map(
            ({ hotkey, taskId, sentRequests: _sent, inFlight: _inFlight, unsentRequests: _unsent, ...rest }) =>
              [`${hotkey} ${taskId}`, rest] as const,
          );
        expect(inMemory.sort()).toEqual(inDatabase.counts);
      }),
      { numRuns: 40 },
    );
  });
});
