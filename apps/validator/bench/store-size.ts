import { createHash, randomUUID } from "node:crypto";
import { createRegistry } from "@vision/protocol";
import { scoreEpoch, VISION } from "@vision/scoring";
import { defaultProbingParams } from "@vision/scoring/probing";
import type { AnswerReceipt } from "@vision/signing";
import pg from "pg";
import { openPostgresStore } from "../src/adapters/postgres/index.js";
import { createPeriodReport } from "../src/domain/period-report.js";
import type { PeriodRecord, ResultRecord } from "../src/domain/records/index.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { startTestPostgres } from "../src/testing/test-postgres.js";

/** Rows of one table and what they take on the disk with indexes, bytes. */
export type TableSize = { readonly table: string; readonly rows: number; readonly bytes: number };

const MINERS = 256;
const PERIODS = 24;
const PERIOD_MS = 3_600_000;
const REQUESTS_PER_PROBE = 4;
const CHECKED_EVERY = 20;
const BATCH = 500;
const FAILURES = ["the miner closed the connection", "status 503", "no first token within 5000 ms"];

const hotkeys = Array.from(
  { length: MINERS },
  (_, index) => `5${String(index).padStart(4, "0")}${"GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGK".slice(0, 43)}`,
);
const tasks = [...createRegistry().values()].slice(0, 4);

/** As long as every miner's, and like them of bytes that nothing compresses. */
function aReceipt(ordinal: number): AnswerReceipt {
  const hex = (name: string, bytes: number) =>
    createHash("sha512")
      .update(`${name} ${ordinal}`)
      .digest("hex")
      .slice(0, 2 * bytes);
  return {
    requestSha256Hex: hex("request", 32),
    answerSha256Hex: hex("answer", 32),
    atMs: 1_764_000_000_000 + ordinal,
    signatureHex: hex("signature", 64),
  };
}

function aResult(period: PeriodRecord, hotkey: string, taskId: string, ordinal: number): ResultRecord {
  const isFailed = ordinal % 33 === 0;
  const units = 100 + (ordinal % 400);
  return {
    requestId: randomUUID(),
    period: period.period,
    hotkey,
    taskId,
    isOrganic: ordinal % 7 === 0,
    isOpening: true,
    outcome: isFailed ? "failed" : "ok",
    blame: isFailed ? "miner" : "nobody",
    reason: isFailed ? (FAILURES[ordinal % FAILURES.length] ?? null) : null,
    failure: null,
    retryAfterMs: null,
    silentMs: null,
    attemptedUnits: units,
    completedUnits: isFailed ? 0 : units,
    startedAtMs: period.startsAtMs + (ordinal % 3_600) * 1_000,
    firstTokenMs: isFailed ? null : 80 + (ordinal % 317) * 1.237,
    durationMs: 2_000 + (ordinal % 977) * 3.217,
  };
}

/** Fills a real database with a day of {@link MINERS} miners by the store's own statements, and measures every table. */
export async function measureStoreSize(): Promise<readonly TableSize[]> {
  const postgres = await startTestPostgres();
  const url = await postgres.createDatabase();
  const store = await openPostgresStore({ url }, { logger: recordingLogger() });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  let ordinal = 0;
  const nextOrdinal = () => {
    ordinal += 1;
    return ordinal;
  };
  for (let index = 0; index < PERIODS; index += 1) {
    const number = 480_000 + index;
    const period = {
      period: number,
      startsAtMs: number * PERIOD_MS,
      endsAtMs: (number + 1) * PERIOD_MS,
      seed: "ab".repeat(32),
      commonSeed: "cd".repeat(32),
    };
    const series = hotkeys.flatMap((hotkey) => tasks.map(({ id: taskId }) => ({ hotkey, taskId })));
    await store.switchPeriod(
      period,
      series.map((each) => ({
        ...each,
        declaredCapacityPerHour: 120_000.5,
        triedFraction: 0.123_456,
        plannedUnits: 1_481.5,
        plannedRequests: 5,
      })),
    );
    // Results come in mixed order, as requests are spread over the period.
    const results = Array.from({ length: REQUESTS_PER_PROBE }, () => series)
      .flat()
      .map(({ hotkey, taskId }) => aResult(period, hotkey, taskId, nextOrdinal()));
    for (let from = 0; from < results.length; from += BATCH) await store.recordResults(results.slice(from, from + BATCH), []);
    for (const result of results.filter((each, place) => each.outcome === "ok" && place % CHECKED_EVERY === 0)) {
      const { requestId, hotkey, taskId, firstTokenMs, durationMs, completedUnits } = result;
      const quality = ordinal % 9 === 0 ? 0.25 : 1;
      const reasons = quality === 1 ? [] : ["token 17 of 40 is less likely than allowed"];
      await store.recordSample({
        requestId,
        period: number,
        hotkey,
        taskId,
        qualityFraction: quality,
        receipt: aReceipt(ordinal),
        firstTokenMs,
        durationMs,
        units: completedUnits,
        reasons,
        isOrganic: false,
        evidence: {
          isGreedy: ordinal % 2 === 0,
          margins: [37, 2, 1, 0, 0, 0, 0, 0],
          claims: [30, 6, 3, 1, 0, 0, 0, 0],
          surprise: null,
        },
      });
    }
    await report(period);
  }
  await client.query("vacuum analyze");
  const { rows } = await client.query<{ table: string; rows: number; bytes: number }>(
    `select relname as table, reltuples::float8 as rows, pg_total_relation_size(oid)::float8 as bytes
     from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by bytes desc`,
  );
  await client.end();
  await store.close();
  await postgres.stop();
  return rows;

  async function report(period: PeriodRecord): Promise<void> {
    const range = { fromPeriod: 0, samplesPerSeries: 64, isOpenPeriodIncluded: true };
    const observations = {
      period: period.period,
      periodsPerHour: 1,
      taskWeights: Object.fromEntries(tasks.map(({ id }) => [id, 1 / tasks.length])),
      targets: Object.fromEntries(tasks.map(({ id, target }) => [id, target])),
      series: await store.getSeries(range),
    };
    const epoch = scoreEpoch(observations, VISION);
    await store.saveEpoch({ period: period.period, createdAtMs: period.endsAtMs, report: epoch }, { params: VISION, observations });
    const record = await store.getOpenPeriod();
    if (record === null) throw new Error("no open period");
    const uidOf = (hotkey: string) => hotkeys.indexOf(hotkey);
    await store.savePeriodReport(
      createPeriodReport({
        record,
        progress: null,
        probing: defaultProbingParams,
        epoch,
        params: VISION,
        weightSet: null,
        uidOf,
        netuid: 1,
        validatorHotkey: "validator",
      }),
    );
  }
}
