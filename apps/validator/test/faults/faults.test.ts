import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { chainFaults } from "./chain-faults.js";
import { clockFaults } from "./clock-faults.js";
import { databaseFaults } from "./database-faults.js";
import { expectNothingLost } from "./expect-nothing-lost.js";
import type { Fault } from "./fault.js";
import { type FaultySubnet, PERIOD_MS, RECOVERY_MS, startFaultySubnet } from "./faulty-subnet.js";
import { minerKills } from "./miner-kills.js";
import { validatorKills } from "./validator-kills.js";

const faults: readonly Fault[] = [...validatorKills, ...clockFaults, ...minerKills, ...databaseFaults, ...chainFaults];

// `npm run faults` repeats every fault, or those whose names hold a word, this often and prints the table; within `npm test` the shorter ones
// are tried once.
const wanted = process.env["VISION_FAULTS_ROUNDS"];
const isThorough = wanted !== undefined;
const rounds = Number(wanted ?? 1);
const word = process.env["VISION_FAULTS_WORD"] ?? "";
/** One fault is told a few times by those that it meets, and once by what is done once a period; not at every turn of a loop. */
const mostTold = (elapsedMs: number) => 4 + elapsedMs / PERIOD_MS;

const rows: {
  readonly fault: string;
  readonly round: number;
  readonly outcome: string;
  readonly seconds: string;
  readonly told: string;
}[] = [];

function renderRows(): string {
  const width = Math.max(...rows.map(({ fault }) => fault.length));
  return rows
    .map(({ fault, round, outcome, seconds, told }) => `${fault.padEnd(width)}  ${round}  ${seconds.padStart(6)}  ${outcome}  ${told}`)
    .join("\n");
}

describe("the program under faults", () => {
  let subnet: FaultySubnet;
  const tried = faults.filter(({ name, isLong }) => name.includes(word) && (isThorough || isLong !== true));
  const cases = Array.from({ length: rounds }, (_, index) => tried.map((fault) => ({ ...fault, round: index + 1 }))).flat();

  beforeAll(async () => {
    subnet = await startFaultySubnet();
  });
  afterAll(async () => {
    await subnet?.close();
    if (isThorough) process.stdout.write(`${renderRows()}\n`);
  });

  it.each(cases)(
    "$name, round $round: it goes on by itself",
    async ({ name, round, skip, strike }) => {
      const { validator, record, until } = subnet;
      const reason = skip?.(subnet) ?? null;
      if (reason !== null) {
        rows.push({ fault: name, round, outcome: `skipped: ${reason}`, seconds: "", told: "" });
        return;
      }
      const startedAtMs = performance.now();
      const before = await record.newestPeriod();
      const { end: logEnd } = await validator.readWarnings();
      try {
        await strike(subnet, { isThorough });
      } finally {
        // One fault that does harm must not hide what comes of the others.
        if (validator.hasEnded()) validator.start();
      }
      await until(`${name}: a period after it`, async () => (await record.newestPeriod()) > before + 1);
      const { exitCode, signalCode } = validator.process();
      expect({ exitCode, signalCode }).toEqual({ exitCode: null, signalCode: null });
      const { told } = await validator.readWarnings(logEnd);
      const elapsedMs = performance.now() - startedAtMs;
      const most = told[0] === undefined ? "" : `told ${told[0][1]} times: ${told[0][0]}`;
      rows.push({ fault: name, round, outcome: "went on", seconds: (elapsedMs / 1000).toFixed(1), told: most });
      expect(told.filter(([, times]) => times > mostTold(elapsedMs))).toEqual([]);
    },
    2 * RECOVERY_MS,
  );

  it("has lost nothing: numbers follow each other, every closed period is reported, tallies are those of the results, no process is left", async () => {
    await expectNothingLost(subnet);
  });
});
