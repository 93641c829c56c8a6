/** What is known of a miner at a task for routing: running averages, newest first in weight, and whether it may be asked now. */
export type RoutingRecord = {
  /** Mean of quality x speed factor of recent checked answers; null before the first. */
  readonly quality: number | null;
  /** Share of recent requests that were answered, 0 to 1, by those that were answered or failed by the miner's fault; null before the first. */
  readonly okFraction: number | null;
  /** Time to the first token, or to the whole of an answer that comes as one, milliseconds; null before the first. */
  readonly firstToken: FirstTokenRecord | null;
  /** Said that it is full: not asked before this Unix time, milliseconds. */
  readonly sparedUntilMs: number;
  /** Failures by the miner's fault since its last answer. */
  readonly failuresInRow: number;
  /** Failed too often in a row: not asked before this Unix time, milliseconds. */
  readonly brokenUntilMs: number;
};

/** A mean, and a peak that sinks back to it. */
type FirstTokenRecord = { readonly meanMs: number; readonly peakMs: number; readonly peakAtMs: number };

/** What one request says of the miner that was asked. */
export type RoutedOutcome = {
  readonly outcome: "ok" | "rateLimited" | "failed";
  readonly blame: "miner" | "validator" | "nobody";
  readonly firstTokenMs: number | null;
  readonly durationMs: number;
  /** When a miner that is full may be asked again, as it says. */
  readonly retryAfterMs: number | null;
  /** How long a request had waited for the first token when it was cancelled, milliseconds; null for any other. */
  readonly silentMs: number | null;
};

// A dead miner loses half its score in 3 requests; a changed model in 5 checks.
const OK_WEIGHT = 0.2;
const QUALITY_WEIGHT = 0.15;
const FIRST_TOKEN_WEIGHT = 0.2;

/** A slow answer is believed at once and forgotten over some ten seconds, as a queue takes to drain. */
const PEAK_MS = 10_000;

// About half of a good miner's quality: enough to be asked once better ones fill up, and for a prober to tell more; never before them.
const PRIOR_QUALITY = 0.6;

/** Of a miner that is full and does not say until when; and the longest that it is believed. */
const SPARED_MS = { unsaid: 1_000, longest: 60_000 };

/** Failures in a row after which a miner is left alone, for how long at first, and at most: each time twice as long. */
const BREAKER = { failures: 3, firstMs: 1_000, longestMs: 8_000 };

/** Nothing known. */
export const emptyRoutingRecord: RoutingRecord = {
  quality: null,
  okFraction: null,
  firstToken: null,
  sparedUntilMs: 0,
  failuresInRow: 0,
  brokenUntilMs: 0,
};

/** The record after one more request, synthetic or a user's. What was not the miner's fault changes nothing. */
export function withOutcome(record: RoutingRecord, request: RoutedOutcome, nowMs: number): RoutingRecord {
  switch (request.outcome) {
    case "ok":
      return {
        ...record,
        okFraction: movedOkFraction(record, 1),
        firstToken: movedFirstToken(record.firstToken, request.firstTokenMs ?? request.durationMs, nowMs),
        failuresInRow: 0,
        brokenUntilMs: 0,
      };
    case "rateLimited": {
      // Saying so is right: it is spared, and nothing is held against it.
      const sparedMs = Math.min(SPARED_MS.longest, request.retryAfterMs ?? SPARED_MS.unsaid);
      return { ...record, sparedUntilMs: Math.max(believed(record.sparedUntilMs, nowMs), nowMs + sparedMs) };
    }
    case "failed":
      if (request.blame === "miner") return withFailure(record, nowMs);
      return request.silentMs === null ? record : withSilence(record, request.silentMs, nowMs);
  }
}

function withFailure(record: RoutingRecord, nowMs: number): RoutingRecord {
  const failed = { ...record, okFraction: movedOkFraction(record, 0) };
  // Requests that were under way when it was found broken say nothing new.
  if (nowMs < believed(record.brokenUntilMs, nowMs)) return failed;
  const failuresInRow = record.failuresInRow + 1;
  if (failuresInRow < BREAKER.failures) return { ...failed, failuresInRow };
  const brokenMs = Math.min(BREAKER.longestMs, BREAKER.firstMs * 2 ** (failuresInRow - BREAKER.failures));
  return { ...failed, failuresInRow, brokenUntilMs: nowMs + brokenMs };
}

/** A first token that was not waited for any longer took that long at least. */
function withSilence(record: RoutingRecord, silentMs: number, nowMs: number): RoutingRecord {
  const { firstToken } = record;
  if (firstToken !== null && silentMs <= peakNow(firstToken, nowMs)) return record;
  return { ...record, firstToken: { meanMs: firstToken?.meanMs ?? silentMs, peakMs: silentMs, peakAtMs: nowMs } };
}

function movedOkFraction({ okFraction }: RoutingRecord, value: number): number {
  return okFraction === null ? value : okFraction + OK_WEIGHT * (value - okFraction);
}

function movedFirstToken(record: FirstTokenRecord | null, ms: number, nowMs: number): FirstTokenRecord {
  if (record === null) return { meanMs: ms, peakMs: ms, peakAtMs: nowMs };
  const meanMs = record.meanMs + FIRST_TOKEN_WEIGHT * (ms - record.meanMs);
  return { meanMs, peakMs: Math.max(ms, peakNow(record, nowMs)), peakAtMs: nowMs };
}

function peakNow({ meanMs, peakMs, peakAtMs }: FirstTokenRecord, nowMs: number): number {
  return meanMs + Math.max(0, peakMs - meanMs) * Math.exp(-Math.max(0, nowMs - peakAtMs) / PEAK_MS);
}

/** The record after one more checked answer. */
export function withSample(record: RoutingRecord, qualityTimesSpeed: number): RoutingRecord {
  const quality = record.quality === null ? qualityTimesSpeed : record.quality + QUALITY_WEIGHT * (qualityTimesSpeed - record.quality);
  return { ...record, quality };
}

/** The record after failures that turned out to be our own: nothing is known of how it answers now. */
export function withExcuse(record: RoutingRecord): RoutingRecord {
  return { ...record, okFraction: null, failuresInRow: 0, brokenUntilMs: 0 };
}

/** How good an answer to expect, 0 to 1.5 or so: quality x ok share. Of a newcomer, of which no answer was checked yet, a middling quality is expected. */
export function routingScore(record: RoutingRecord): number {
  return (record.quality ?? PRIOR_QUALITY) * (record.okFraction ?? 1);
}

/** How long the first token is expected to take, milliseconds: the mean, and more while a slow answer is fresh; null where nothing is known. */
export function expectedFirstTokenMs({ firstToken }: RoutingRecord, nowMs: number): number | null {
  return firstToken === null ? null : peakNow(firstToken, nowMs);
}

/** The Unix time from which the miner may be asked, milliseconds; in the past where it may. */
export function readyAtMs(record: RoutingRecord): number {
  return Math.max(record.sparedUntilMs, record.brokenUntilMs);
}

/** How long the miner is not to be asked, milliseconds. */
export function waitMs(record: RoutingRecord, nowMs: number): number {
  return Math.max(0, believed(record.sparedUntilMs, nowMs) - nowMs, believed(record.brokenUntilMs, nowMs) - nowMs);
}

/** A time until which a miner is left alone. One that is further ahead than any was noted by a clock that has been set back since. */
function believed(untilMs: number, nowMs: number): number {
  return untilMs - nowMs > SPARED_MS.longest ? 0 : untilMs;
}

/** Whether it failed so often in a row that one request at a time has to show whether it answers again. */
export function isOnProbation({ failuresInRow }: RoutingRecord): boolean {
  return failuresInRow >= BREAKER.failures;
}
