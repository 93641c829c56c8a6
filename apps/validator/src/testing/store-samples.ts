import { createHash } from "node:crypto";
import type { Answer, PeriodReport } from "@vision/protocol";
import type { AnswerTiming, EpochReport } from "@vision/scoring";
import { defaultProbingParams } from "@vision/scoring/probing";
import type { CheckRecord, PeriodRecord, PlannedProbe, ResultRecord } from "../domain/records/index.js";

/** Length of a period of the samples, milliseconds. */
export const HOUR_MS = 3_600_000;

/** The id of a request that a test calls so. */
export function anId(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

/** A period of an hour, numbered. */
export function aPeriod(period: number): PeriodRecord {
  return {
    period,
    startsAtMs: period * HOUR_MS,
    endsAtMs: (period + 1) * HOUR_MS,
    seed: `${period}`.padStart(64, "0"),
    commonSeed: `common ${period}`,
  };
}

/** A plan row with some values changed. */
export function aProbe(changes: Partial<PlannedProbe> = {}): PlannedProbe {
  return {
    hotkey: "alice",
    taskId: "chat-tiny",
    declaredCapacityPerHour: 1_000,
    triedFraction: 0.25,
    plannedUnits: 250,
    plannedRequests: 5,
    ...changes,
  };
}

/** A result with some values changed: alice answered 40 of 50 tokens in period 1. */
export function aResult(requestId: string, changes: Partial<ResultRecord> = {}): ResultRecord {
  return {
    requestId,
    period: 1,
    hotkey: "alice",
    taskId: "chat-tiny",
    isOrganic: false,
    isOpening: true,
    outcome: "ok",
    blame: "nobody",
    reason: null,
    failure: null,
    retryAfterMs: null,
    silentMs: null,
    attemptedUnits: 50,
    completedUnits: 40,
    startedAtMs: 1_763_000_000_123,
    firstTokenMs: 12.5,
    durationMs: 250.25,
    ...changes,
  };
}

/** A text answer. */
export function anAnswer(text = "hello"): Answer {
  return { kind: "text", text, tokens: [{ bytes: [104, 105], text, logprob: -0.25 }], finishReason: "stop" };
}

/** How the answer of {@link aResult} came, in digits that the store keeps. */
export const aTiming: AnswerTiming = { firstTokenMs: 12.5, durationMs: 250.25, units: 40 };

/** A check that belongs to {@link aResult}. */
export function aCheck(requestId: string, changes: Partial<CheckRecord> = {}): CheckRecord {
  return {
    requestId,
    period: 1,
    hotkey: "alice",
    taskId: "chat-tiny",
    request: { model: "chat-tiny", seed: 5 },
    answer: anAnswer(),
    receipt: null,
    sampler: "gumbel-murmur3",
    isOrganic: false,
    ...aTiming,
    ...changes,
  };
}

/** Scores of nobody. */
export function aReport(period: number): EpochReport {
  return {
    period,
    periodsPerHour: 1,
    preset: "VISION",
    tasks: [],
    miners: [],
    problems: [{ message: `of ${period}, 0.1 + 0.2 = ${0.1 + 0.2}` }],
  };
}

/** A public report with one miner. */
export function aPeriodReport(period: number): PeriodReport {
  return {
    ...aPeriod(period),
    plan: {
      periodMs: HOUR_MS,
      shareBands: [{ probability: 1, from: 0.1, to: 0.3 }],
      shareFloor: [],
      bigDraws: defaultProbingParams.bigDraws,
      minRequestsPerPeriod: 1,
      maxRequestsPerPeriod: 10,
    },
    netuid: 1,
    validatorHotkey: "validator",
    preset: "VISION",
    tasks: [{ taskId: "chat-tiny", weight: 1, isServed: true }],
    miners: [
      {
        hotkey: "alice",
        uid: 1,
        overallScore: 0.1 + 0.2,
        weight: 1,
        tasks: [
          {
            taskId: "chat-tiny",
            declaredCapacityPerHour: 1_000,
            creditedCapacityPerHour: 900,
            triedFraction: 0.25,
            plannedUnits: 250,
            plannedRequests: 5,
            unsentRequests: 0,
            attemptedUnits: 250,
            completedUnits: 200,
            requests: 5,
            okCount: 4,
            rateLimitedCount: 1,
            failedCount: 0,
            organicCount: 2,
            periodScore: null,
            averagePeriodScore: 0.9,
            quality: 1.05,
            meanVerdict: 1,
            meanSpeedFactor: 1.1,
            sampleCount: 3,
            evidence: { isDecided: false, nats: 1.5, suspicion: "other logprobs in synthetic requests at temperature 0" },
            faults: [{ period: 1, qualityFraction: 0.5, reasons: ["was cut off after 3 of 40 tokens"] }],
            taskScore: 1,
          },
        ],
      },
    ],
    weightSet: { netuid: 1, epochBlock: 360, state: "set", includedAtBlock: 350, weights: [{ uid: 1, weightU16: 65_535 }] },
  };
}
