import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { runYuma, type U16Cell, type YumaOutcome } from "../src/runtime/yuma/yuma.js";

const rowsSchema = z.array(z.array(z.tuple([z.int(), z.int()])));
const numbersSchema = z.array(z.number());

/** What subtensor's own tests of its epoch expect, and what their traces print: numbers only. */
const fixtureSchema = z.strictObject({
  source: z.string(),
  cases: z.array(
    z.strictObject({
      name: z.string(),
      stake: z.array(z.int()),
      tempoBlocks: z.int(),
      isYuma3: z.boolean(),
      bondsPenaltyU16: z.int(),
      bondsMovingAverage: z.int(),
      permits: z.array(z.boolean()),
      maxValidators: z.int(),
      /** Where the numbers are written with few digits; else all of theirs count. */
      tolerance: z.number().optional(),
      epochs: z.array(
        z.strictObject({
          currentBlock: z.int(),
          lastUpdateBlocks: z.array(z.int()),
          registeredAtBlocks: z.array(z.int()),
          weights: rowsSchema,
          stake: z.array(z.int()).optional(),
          permits: z.array(z.boolean()).optional(),
          expected: z.strictObject({
            validatorTrust: numbersSchema.optional(),
            consensus: numbersSchema.optional(),
            incentive: numbersSchema.optional(),
            dividends: numbersSchema.optional(),
            dividendsU16: numbersSchema.optional(),
            emissionRao: numbersSchema.optional(),
            bonds: rowsSchema.optional(),
          }),
        }),
      ),
    }),
  ),
});

const path = join(import.meta.dirname, "fixtures", "subtensor-epochs.json");
const { cases } = fixtureSchema.parse(JSON.parse(readFileSync(path, "utf8")));

/** A printed share as storage holds it: of 65535, rounded down. Ten digits are printed, so a hair more than was printed may be meant. */
const toU16 = (share: number) => Math.floor(share * 65_535 + 1e-5);

describe.each(cases)("subtensor's $name", ({ name, epochs, ...settings }) => {
  let bonds: readonly (readonly U16Cell[])[] = settings.stake.map(() => []);

  it.each(epochs)("comes out the same at block $currentBlock", (epoch) => {
    const stake = epoch.stake ?? settings.stake;
    const permits = epoch.permits ?? settings.permits;
    const outcomes = runYuma(
      stake.map((rao, uid) => ({
        stake: BigInt(rao) << 64n,
        lastUpdateBlock: BigInt(epoch.lastUpdateBlocks[uid] ?? 0),
        registeredAtBlock: BigInt(epoch.registeredAtBlocks[uid] ?? 0),
        hasPermit: permits[uid] ?? false,
        weights: epoch.weights[uid] ?? [],
        bonds: bonds[uid] ?? [],
        commitBlock: null,
      })),
      {
        currentBlock: BigInt(epoch.currentBlock),
        tempoBlocks: BigInt(settings.tempoBlocks),
        activityCutoffBlocks: 5000n,
        lastStepBlock: 0n,
        stakeThresholdRao: 0n,
        ownerUid: null,
        maxValidators: settings.maxValidators,
        kappaU16: 32_767,
        bondsPenaltyU16: settings.bondsPenaltyU16,
        bondsMovingAverage: BigInt(settings.bondsMovingAverage),
        isYuma3: settings.isYuma3,
        emissionRao: 1_000_000_000n,
      },
    );
    bonds = outcomes.map((outcome, uid) => outcome.bonds ?? bonds[uid] ?? []);

    const { expected } = epoch;
    const column = (pick: (outcome: YumaOutcome) => number) => outcomes.map(pick);
    const found = {
      validatorTrust: column(({ validatorTrustU16 }) => validatorTrustU16),
      consensus: column(({ consensusU16 }) => consensusU16),
      incentive: column(({ incentiveU16 }) => incentiveU16),
      dividends: column(({ dividendsU16 }) => dividendsU16),
    };
    for (const key of ["validatorTrust", "consensus", "incentive", "dividends"] as const) {
      const shares = expected[key];
      if (shares === undefined) continue;
      if (settings.tolerance === undefined) expect({ [key]: found[key] }).toEqual({ [key]: shares.map(toU16) });
      else
        for (const [uid, share] of shares.entries())
          expect(Math.abs((found[key][uid] ?? Number.NaN) / 65_535 - share)).toBeLessThan(settings.tolerance);
    }
    if (expected.dividendsU16 !== undefined) expect(found.dividends).toEqual(expected.dividendsU16);
    if (expected.emissionRao !== undefined) expect(outcomes.map(({ emissionRao }) => Number(emissionRao))).toEqual(expected.emissionRao);
    if (expected.bonds !== undefined) expect(bonds).toEqual(expected.bonds);
  });
});
