import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type MinerTaskSeries, type PeriodTally, periodScore, scoreEpoch, VISION } from "../src/index.js";
import { defaultProbingParams } from "../src/probing/index.js";
import { arbitraryMiner, mostlyRight, NEWEST, payOf, reportOf, withPeriod } from "./arbitrary-miner.js";
import { makeSamples, makeSeries, makeTally, targets } from "./make-series.js";

const index = fc.nat(11);
const part = fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100);
const runs = { numRuns: 500 };

/** At least as much, but for what sums lose to rounding. */
function expectNoLess(after: number, before: number): void {
  expect(after).toBeGreaterThanOrEqual(before * (1 - 1e-6) - 1e-9);
}

describe("more proven never lowers pay", () => {
  const isBorneOut = ({ checkedCount = 0, passedCount = 0 }: PeriodTally) => passedCount + 1 >= checkedCount;

  it("work that was missed and is served instead: failures always, refusals where checks bear the answers out", () => {
    fc.assert(
      fc.property(mostlyRight, index, part, part, (miner, at, ofRefusals, ofFailed) => {
        const better = withPeriod(miner, at, (tally) => {
          // Made-up answers in place of refusals are to cost; counter-example below.
          const ofRefused = isBorneOut(tally) ? ofRefusals : 0;
          const gained = tally.rateLimitedUnits * ofRefused + tally.failedUnits * ofFailed;
          return {
            ...tally,
            completedUnits: tally.completedUnits + gained,
            rateLimitedUnits: tally.rateLimitedUnits * (1 - ofRefused),
            failedUnits: tally.failedUnits * (1 - ofFailed),
          };
        });
        expectNoLess(payOf(better), payOf(miner));
      }),
      runs,
    );
  });

  const day = (tally: PeriodTally) =>
    makeSeries({
      periods: [makeTally(NEWEST - 1, { declared: 1000, served: 1000 }), tally],
      samples: makeSamples([NEWEST]),
    });
  const checked = (checkedCount: number, passedCount: number, volumes: Parameters<typeof makeTally>[1]) => ({
    ...makeTally(NEWEST, volumes),
    ...{ checkedCount, passedCount },
  });

  it("but not made-up answers in place of refusals: what was refused beyond the declaration was free (a counter-example)", () => {
    const refusing = day(checked(6, 1, { declared: 300, served: 900, rateLimited: 600 }));
    const junk = day(checked(6, 1, { declared: 300, served: 1500 }));
    expect(payOf(junk)).toBeLessThan(payOf(refusing));
  });

  it("but not a long right answer among mostly wrong ones: checks count answers, and what they say of its period is held against all of it (a known limit)", () => {
    const wrong = day(checked(6, 2, { declared: 1000, served: 100 }));
    const withOneRight = day(checked(7, 3, { declared: 1000, served: 200 }));
    // docs/scoring.md, "What stays open".
    expect(1 - payOf(withOneRight) / payOf(wrong)).toBeCloseTo(0.189, 3);
    // Where at most one answer was found wrong, none costs anything, however long.
    expect(payOf(day(checked(7, 6, { declared: 1000, served: 200 })))).toBeGreaterThanOrEqual(
      payOf(day(checked(6, 5, { declared: 1000, served: 100 }))),
    );
  });

  it("one more right answer that was checked, no longer than the answers of its period for each check", () => {
    fc.assert(
      fc.property(mostlyRight, index, part, (miner, at, length) => {
        const better = withPeriod(miner, at, (tally) => {
          const checked = tally.checkedCount ?? 0;
          const units = checked > 0 ? (tally.completedUnits / checked) * length : 0;
          return {
            ...tally,
            attemptedUnits: tally.attemptedUnits + units,
            completedUnits: tally.completedUnits + units,
            requests: tally.requests + 1,
            okCount: tally.okCount + 1,
            checkedCount: checked + 1,
            passedCount: (tally.passedCount ?? 0) + 1,
          };
        });
        expectNoLess(payOf(better), payOf(miner));
      }),
      runs,
    );
  });

  it("a larger effective volume earns a larger weight, beside any others and at any of a miner's tasks", () => {
    const volume = fc.integer({ min: 1, max: 3_000_000 });
    const machine = (hotkey: string, taskId: string, units: number) =>
      makeSeries({
        ...{ hotkey, taskId, declaredCapacityPerHour: units },
        periods: [makeTally(NEWEST, { declared: units, served: units })],
        samples: makeSamples([NEWEST]),
      });
    fc.assert(
      fc.property(volume, volume, volume, fc.tuple(volume, volume), (own, more, elsewhere, others) => {
        const weight = (units: number) =>
          scoreEpoch({
            ...{ period: NEWEST, periodsPerHour: 1, targets, taskWeights: { "chat-tiny": 0.7, "image-tiny": 0.3 } },
            series: [
              machine("own", "chat-tiny", units),
              machine("own", "image-tiny", elsewhere),
              machine("other", "chat-tiny", others[0]),
              machine("other", "image-tiny", others[1]),
            ],
          }).miners.find(({ hotkey }) => hotkey === "own")?.weight ?? Number.NaN;
        expectNoLess(weight(own + more), weight(own));
      }),
      runs,
    );
  });
});

describe("better answers never lower pay", () => {
  it("better verdicts, in the samples and in the checks of any period", () => {
    fc.assert(
      fc.property(mostlyRight, index, part, (miner, at, improvement) => {
        const towardsOne = (verdict: number, of = 1) => verdict + (of - verdict) * improvement;
        const sample = at % miner.samples.length;
        const better = {
          ...withPeriod(miner, at, (tally) => ({ ...tally, passedCount: towardsOne(tally.passedCount ?? 0, tally.checkedCount) })),
          samples: miner.samples.map((each, position) =>
            position === sample ? { ...each, qualityFraction: towardsOne(each.qualityFraction) } : each,
          ),
        };
        expectNoLess(payOf(better), payOf(miner));
      }),
      runs,
    );
  });

  it("a faster answer, its first token or its end", () => {
    fc.assert(
      fc.property(mostlyRight, index, part, part, (miner, at, first, whole) => {
        const sample = at % miner.samples.length;
        const faster = {
          ...miner,
          samples: miner.samples.map((each, position) =>
            position === sample
              ? {
                  ...each,
                  firstTokenMs: each.firstTokenMs === null ? null : each.firstTokenMs * first,
                  durationMs: each.durationMs * whole,
                }
              : each,
          ),
        };
        expectNoLess(payOf(faster), payOf(miner));
      }),
      runs,
    );
  });
});

describe("misses", () => {
  it("a 429 is never worse than a failure, in any period and in all that follows from it", () => {
    fc.assert(
      fc.property(mostlyRight, index, part, (miner, at, refused) => {
        const refusing = withPeriod(miner, at, (tally) => {
          const units = Math.floor(tally.failedUnits * refused);
          return { ...tally, failedUnits: tally.failedUnits - units, rateLimitedUnits: tally.rateLimitedUnits + units };
        });
        expectNoLess(payOf(refusing), payOf(miner));
      }),
      runs,
    );
  });

  it("full use costs nothing: whatever is refused beyond a declaration that was served, and borne out by checks", () => {
    fc.assert(
      fc.property(mostlyRight, index, fc.integer({ min: 1, max: 1_000_000 }), (miner, at, refused) => {
        const full = withPeriod(miner, at, (tally) => {
          const served = tally.declaredCapacityUnits;
          const checked = tally.checkedCount ?? 0;
          return { ...makeTally(tally.period, { declared: served, served }), checkedCount: checked, passedCount: checked };
        });
        const beyond = withPeriod(full, at, (tally) => ({
          ...tally,
          attemptedUnits: tally.attemptedUnits + refused,
          rateLimitedUnits: refused,
          rateLimitedCount: 1,
        }));
        expect(payOf(beyond)).toBe(payOf(full));
      }),
      runs,
    );
  });

  it("few and failed are hit hardest: the same share of failures costs more, the less of the declaration was used", () => {
    const score = (declared: number, used: number, failing: number) =>
      periodScore(
        makeTally(1, { declared, served: declared * used * (1 - failing), failed: declared * used * failing }),
        VISION.periodScore,
      ) ?? Number.NaN;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), part, part, part, (declared, used, more, failing) => {
        fc.pre(used > 0 && used + more <= 1);
        expectNoLess(score(declared, used + more, failing), score(declared, used, failing));
        if (more > 0.01 && failing > 0.01 && failing < 0.99)
          expect(score(declared, used + more, failing)).toBeGreaterThan(score(declared, used, failing));
      }),
      runs,
    );
  });
});

describe("over-declaring does not raise pay", () => {
  it("a declaration above all that was declared before raises nothing", () => {
    fc.assert(
      fc.property(arbitraryMiner, fc.integer({ min: 0, max: 1_000_000 }), (miner, more) => {
        const highest = Math.max(miner.declaredCapacityPerHour, ...miner.periods.map((tally) => tally.declaredCapacityUnits));
        const credited = (declaredCapacityPerHour: number) => reportOf({ ...miner, declaredCapacityPerHour }).creditedCapacityPerHour;
        expectNoLess(credited(highest), credited(highest + more));
      }),
      runs,
    );
  });

  it("asked for the same shares of it, of which one was large, a machine earns by more than the truth at most what large draws leave untried", () => {
    const { from, to } = defaultProbingParams.bigDraws;
    const large = fc.integer({ min: from * 1000, max: to * 1000 }).map((thousandths) => thousandths / 1000);
    const factor = fc.integer({ min: 100, max: 2000 }).map((hundredths) => hundredths / 100);
    const volume = fc.integer({ min: 100, max: 1_000_000 });
    fc.assert(
      fc.property(volume, factor, large, fc.array(part, { maxLength: 11 }), fc.boolean(), (capacity, times, draw, draws, isRefusing) => {
        const claiming = (multiple: number): MinerTaskSeries =>
          makeSeries({
            declaredCapacityPerHour: capacity * multiple,
            periods: [draw, ...draws].map((share, age) => {
              const declared = capacity * multiple;
              const served = Math.min(declared * share, capacity);
              const missed = declared * share - served;
              return makeTally(NEWEST - age, { declared, served, ...(isRefusing ? { rateLimited: missed } : { failed: missed }) });
            }),
            samples: makeSamples([NEWEST]),
          });
        const honest = payOf(claiming(1));
        const lying = payOf(claiming(times));
        expect(lying).toBeLessThanOrEqual((honest / from) * (1 + 1e-9));
        // From a tenth too much on there is nothing to gain.
        if (times >= 1.1) expect(lying).toBeLessThan(honest);
      }),
      runs,
    );
  });
});

describe("absence costs", () => {
  const perfect = (period: number): PeriodTally => makeTally(period, { declared: 1000, served: 1000 });

  it("to be there and serve all of it is never worse than to be away, for a miner that was there before", () => {
    fc.assert(
      fc.property(mostlyRight, fc.nat(NEWEST), (miner, period) => {
        const declared = miner.declaredCapacityPerHour;
        // Before its first period nobody was absent: an earlier one is no presence to compare with.
        fc.pre(miner.periods.some((tally) => tally.period < period));
        const others = miner.periods
          .filter((tally) => tally.period !== period)
          .map((tally) => ({ ...tally, declaredCapacityUnits: declared }));
        const present = { ...miner, periods: [...others, makeTally(period, { declared, served: declared })] };
        expectNoLess(payOf(present), payOf({ ...miner, periods: others }));
      }),
      runs,
    );
  });

  it("whoever is away for more than two hours of a day is paid less than for the hours it is there", () => {
    const hours = fc.uniqueArray(fc.integer({ min: NEWEST - 23, max: NEWEST - 1 }), { minLength: 8, maxLength: 22 });
    fc.assert(
      fc.property(hours, (away) => {
        const all = Array.from({ length: NEWEST + 1 }, (_, period) => period);
        const miner = (periods: readonly number[]) => makeSeries({ periods: periods.map(perfect), samples: makeSamples([NEWEST]) });
        const weightOf = (periods: readonly number[]) => periods.reduce((sum, period) => sum + Math.max(0, 1 - (NEWEST - period) / 24), 0);
        // A day's hours weigh 12.5 together, newer ones more.
        fc.pre(weightOf(away) > 2);
        const present = 1 - weightOf(away) / weightOf(all);
        expect(payOf(miner(all.filter((period) => !away.includes(period))))).toBeLessThan(present * payOf(miner(all)));
      }),
      runs,
    );
  });
});

describe("nobody's data change another's values before the shares", () => {
  it("whoever comes, goes or changes its record, the others' reports stay the same to the bit, absence included", () => {
    const heldPeriods = Array.from({ length: NEWEST + 1 }, (_, period) => period);
    fc.assert(
      fc.property(
        fc.array(arbitraryMiner, { minLength: 1, maxLength: 4 }),
        fc.array(arbitraryMiner, { maxLength: 3 }),
        (own, strangers) => {
          const named = (name: string, miners: readonly MinerTaskSeries[]) =>
            miners.map((miner, number) => ({ ...miner, hotkey: `${name}-${number}` }));
          const valuesBeside = (others: readonly MinerTaskSeries[]) =>
            scoreEpoch({
              ...{ period: NEWEST, periodsPerHour: 1, heldPeriods, targets, taskWeights: { "chat-tiny": 1 } },
              // Names on both sides of the others': miners are scored in the order of their names.
              series: [...named("m", own), ...named("a", others), ...named("z", others)],
            })
              .miners.filter(({ hotkey }) => hotkey.startsWith("m-"))
              .map(({ tasks }) => tasks.map(({ share: _share, taskScore: _taskScore, ...values }) => values));
          expect(valuesBeside(strangers)).toEqual(valuesBeside([]));
        },
      ),
    );
  });
});
