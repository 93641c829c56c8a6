import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type AnswerSample, type MinerTaskSeries, type ScoringParams, scoreEpoch, VISION, visionParams } from "../src/index.js";
import { makeSamples, makeSeries, makeTally, targets, timingOf } from "./make-series.js";

const NEWEST_PERIOD = 40;
/** The wrong answer that is forgiven is forgiven to each hotkey: the one thing that several hotkeys have more of (docs/scoring.md). */
const quality = { forgivenAnswers: 0 };
const unforgiving = visionParams({ quality });
const taskWeights = { "chat-tiny": 0.7, "image-tiny": 0.3 };

/** What is divided: volumes of the whole machine in work units, and its checked answers. */
type Machine = {
  readonly declared: number;
  readonly periods: readonly { readonly period: number; readonly served: number; readonly rateLimited: number; readonly failed: number }[];
  readonly samples: readonly AnswerSample[];
};

/** Fractions in proportion to the parts; they sum to 1. */
function toFractions(parts: readonly number[]): readonly number[] {
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
}

function seriesOf(
  machine: Machine,
  part: {
    readonly hotkey: string;
    readonly declaredFraction: number;
    readonly volumeFraction: (periodIndex: number) => number;
    readonly samples: readonly AnswerSample[];
  },
): MinerTaskSeries {
  return makeSeries({
    hotkey: part.hotkey,
    declaredCapacityPerHour: machine.declared * part.declaredFraction,
    periods: machine.periods.map(({ period, served, rateLimited, failed }, index) => {
      const fraction = part.volumeFraction(index);
      return makeTally(period, {
        declared: machine.declared * part.declaredFraction,
        served: served * fraction,
        rateLimited: rateLimited * fraction,
        failed: failed * fraction,
      });
    }),
    samples: part.samples,
  });
}

function whole(machine: Machine, samples: readonly AnswerSample[] = machine.samples): MinerTaskSeries {
  return seriesOf(machine, { hotkey: "split-whole", declaredFraction: 1, volumeFraction: () => 1, samples });
}

/** Weight that the hotkeys of the machine get together, beside the others. */
function earned(own: readonly MinerTaskSeries[], others: readonly MinerTaskSeries[], params: ScoringParams = VISION): number {
  const report = scoreEpoch({ period: NEWEST_PERIOD, periodsPerHour: 1, targets, taskWeights, series: [...own, ...others] }, params);
  return report.miners.filter(({ hotkey }) => hotkey.startsWith("split-")).reduce((sum, { weight }) => sum + weight, 0);
}

const units = fc.integer({ min: 0, max: 50_000 });
const period = fc.integer({ min: 0, max: NEWEST_PERIOD });
// Hundredths: doubles would be drawn evenly over their bit patterns, most of them next to 0, where no split earns anything.
const fraction = fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100);
const verdict = fraction;
const speed = fc.integer({ min: 0, max: 150 }).map((hundredths) => hundredths / 100);
const parts = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 6 });

/** Up to three other miners, some of them at the other task. */
const others = fc
  .array(fc.record({ declared: fc.integer({ min: 1, max: 100_000 }), taskId: fc.constantFrom("chat-tiny", "image-tiny") }), {
    maxLength: 3,
  })
  .map((all) =>
    all.map(({ declared, taskId }, index) =>
      makeSeries({
        hotkey: `other-${index}`,
        taskId,
        declaredCapacityPerHour: declared,
        periods: [makeTally(NEWEST_PERIOD, { declared, served: declared * 0.8 })],
        samples: makeSamples([NEWEST_PERIOD]),
      }),
    ),
  );

const sample = fc
  .record({ period, qualityFraction: verdict, speedFactor: speed })
  .map(({ speedFactor, ...rest }) => ({ ...rest, ...timingOf(speedFactor) }));
const anyMachine: fc.Arbitrary<Machine> = fc.record({
  declared: fc.integer({ min: 1, max: 100_000 }),
  periods: fc.uniqueArray(fc.record({ period, served: units, rateLimited: units, failed: units }), {
    maxLength: 12,
    selector: (each) => each.period,
  }),
  samples: fc.array(sample, { minLength: 1, maxLength: 6 }),
});

describe("splitting one machine over several hotkeys", () => {
  it("never earns more when every hotkey behaves alike, misses and bad answers included", () => {
    const params = fc.constantFrom(unforgiving, visionParams({ shareExponent: 1, quality }), visionParams({ shareExponent: 3, quality }));
    const copies = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(anyMachine, parts, copies, others, params, (machine, sizes, copiesPerPart, competitors, preset) => {
        // Alike means the same mix of checked answers: each hotkey was found with every one of them equally often, and more often or less than another.
        const repeated = (count: number) => Array.from({ length: count }, () => machine.samples).flat();
        const split = toFractions(sizes).map((share, index) =>
          seriesOf(machine, {
            hotkey: `split-${index}`,
            declaredFraction: share,
            volumeFraction: () => share,
            samples: repeated(copiesPerPart[index] ?? 0),
          }),
        );
        const single = whole(
          machine,
          split.flatMap((each) => each.samples),
        );
        expect(earned(split, competitors, preset)).toBeLessThanOrEqual(earned([single], competitors, preset) + 1e-9);
      }),
      { numRuns: 400 },
    );
  });

  it("never earns more, however its work falls on the hotkeys, when it is paid for all it declares and its answers are alike", () => {
    const soundMachine = fc
      .record({
        declared: fc.integer({ min: 1, max: 100_000 }),
        // That much of the declaration in the newest period proves all of it, by the headroom.
        newestFraction: fc.integer({ min: 98, max: 100 }).map((hundredths) => hundredths / 100),
        olderFractions: fc.array(fraction, { maxLength: 10 }),
        periodsOfSamples: fc.array(period, { minLength: 1, maxLength: 12 }),
        verdict,
        speed,
      })
      .map(
        (drawn): Machine => ({
          declared: drawn.declared,
          periods: [drawn.newestFraction, ...drawn.olderFractions].map((fraction, index) => ({
            period: NEWEST_PERIOD - index,
            served: drawn.declared * fraction,
            rateLimited: 0,
            failed: 0,
          })),
          samples: makeSamples(drawn.periodsOfSamples, drawn.verdict, drawn.speed),
        }),
      );
    const perPeriod = fc.array(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 6, maxLength: 6 }), {
      minLength: 11,
      maxLength: 11,
    });
    const owners = fc.array(fc.nat(5), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(soundMachine, parts, perPeriod, owners, others, (machine, sizes, draws, sampleOwners, competitors) => {
        // One unit goes to the first hotkey, so that a period in which nobody drew anything still adds up to the machine's volume.
        const volumes = draws.map((draw) => toFractions(draw.slice(0, sizes.length).map((part, index) => (index === 0 ? part + 1 : part))));
        const split = toFractions(sizes).map((share, part) =>
          seriesOf(machine, {
            hotkey: `split-${part}`,
            declaredFraction: share,
            volumeFraction: (index) => volumes[index]?.[part] ?? Number.NaN,
            samples: machine.samples.filter((_, index) => (sampleOwners[index] ?? 0) % sizes.length === part),
          }),
        );
        expect(earned(split, competitors, unforgiving)).toBeLessThanOrEqual(earned([whole(machine)], competitors, unforgiving) + 1e-9);
      }),
      { numRuns: 400 },
    );
  });

  const steady: Machine = {
    declared: 1000,
    periods: Array.from({ length: 10 }, (_, index) => ({ period: 31 + index, served: 800, rateLimited: 0, failed: 0 })),
    samples: makeSamples(Array.from({ length: 10 }, (_, index) => 31 + index)),
  };
  const rival = makeSeries({ hotkey: "other", periods: whole(steady).periods, samples: steady.samples });
  const half = (machine: Machine, hotkey: string, changes: Partial<MinerTaskSeries>): MinerTaskSeries => ({
    ...seriesOf(machine, { hotkey, declaredFraction: 0.5, volumeFraction: () => 0.5, samples: machine.samples }),
    ...changes,
  });

  it("loses a hundred-and-fiftieth or so as two equal halves", () => {
    const halves = [half(steady, "split-0", {}), half(steady, "split-1", {})];
    expect(earned([whole(steady)], [rival])).toBeCloseTo(0.5, 9);
    // 2^(1 - 1.01) = 0.9931 of the whole's volume to the power, beside a rival of 1.
    expect(earned(halves, [rival])).toBeCloseTo(0.9931 / 1.9931, 4);
  });

  it("is no split of the same behaviour when the wrong answers all fall on one hotkey: the good one is paid as good (a known limit)", () => {
    const good = makeSamples([40, 40, 40, 40]);
    const bad = makeSamples([40, 40, 40, 40], 0);
    const halves = [half(steady, "split-0", { samples: good }), half(steady, "split-1", { samples: bad })];
    const mixed = whole(steady, [...good, ...bad]);
    expect(earned(halves, [rival])).toBeGreaterThan(earned([mixed], [rival]));
    // It still earns less than the same machine answering right throughout.
    expect(earned(halves, [rival])).toBeLessThan(earned([whole(steady, [...good, ...good])], [rival]));
  });

  it("is no split of the same behaviour when the misses all fall on one hotkey: the other one's announcement is true (a known limit)", () => {
    const strained: Machine = { ...steady, periods: steady.periods.map((each) => ({ ...each, failed: 200 })) };
    const tallies = (failed: number) => steady.periods.map((each) => makeTally(each.period, { declared: 500, served: 400, failed }));
    const halves = [half(strained, "split-0", { periods: tallies(0) }), half(strained, "split-1", { periods: tallies(200) })];
    expect(earned(halves, [rival])).toBeGreaterThan(earned([whole(strained)], [rival]));
    const honest = makeSeries({
      hotkey: "split-whole",
      declaredCapacityPerHour: 800,
      periods: steady.periods.map((each) => makeTally(each.period, { declared: 800, served: 800 })),
      samples: steady.samples,
    });
    expect(earned(halves, [rival])).toBeLessThan(earned([honest], [rival]));
  });

  it("can gain from uneven draws while less than half of the declaration is proven: each hotkey's best period counts (a known limit)", () => {
    const small: Machine = { ...steady, periods: steady.periods.map((each) => ({ ...each, served: 100 })) };
    const taking = (parity: number) =>
      seriesOf(small, {
        hotkey: `split-${parity}`,
        declaredFraction: 0.5,
        volumeFraction: (index) => (index % 2 === parity ? 1 : 0),
        samples: small.samples,
      });
    expect(earned([taking(0), taking(1)], [rival])).toBeGreaterThan(earned([whole(small)], [rival]));
    const even = [half(small, "split-0", {}), half(small, "split-1", {})];
    expect(earned(even, [rival])).toBeLessThan(earned([whole(small)], [rival]));
  });
});
