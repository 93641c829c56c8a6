import { join } from "node:path";
import { expect } from "@jest/globals";
import type { Fault } from "./fault.js";
import { type FaultySubnet, PERIOD_MS } from "./faulty-subnet.js";
import { createSettableClock, whyNoSettableClock } from "./set-clock.js";

const DAY_MS = 86_400_000;

/** Sets the validator's clock that far off, waits until two periods have been closed by it, and sets it right again. */
async function stepClock({ validator, record, until }: FaultySubnet, byMs: number): Promise<void> {
  const before = { newest: await record.newestPeriod(), count: await record.countPeriods() };
  await validator.setClock(byMs);
  try {
    await until("two periods by a wrong clock", async () => (await record.newestPeriod()) > before.newest + 1);
  } finally {
    await validator.setClock(0);
  }
  // Neither did the number jump, nor was the record of before thrown away.
  expect(await record.newestPeriod()).toBeLessThan(before.newest + 60);
  expect(await record.countPeriods()).toBeGreaterThanOrEqual(before.count);
}

/** Sets the wall clock of the validator and its database that far off, for as long as two periods take, and right again. */
async function stepMachineClock({ validator, record, hotkeys, folder, until }: FaultySubnet, byMs: number): Promise<void> {
  const clock = await createSettableClock(join(folder, "clock-offset"));
  const failuresBefore = await record.readFailures(hotkeys.miner);
  const started = await record.newestPeriod();
  await validator.end("SIGTERM");
  validator.start(clock.environment);
  try {
    await until("two periods", async () => (await record.newestPeriod()) > started + 2);
    const before = { newest: await record.newestPeriod(), count: await record.countPeriods(), atMs: performance.now() };
    const { end: logEnd } = await validator.readWarnings();
    await clock.set(byMs);
    await until("two periods by a wrong clock", async () => (await record.newestPeriod()) > before.newest + 1);
    const { told } = await validator.readWarnings(logEnd);
    expect(told.map(([message]) => message)).toContainEqual(expect.stringContaining("clock disagrees"));
    await clock.set(0);
    await until("two periods more", async () => (await record.newestPeriod()) > before.newest + 3);
    const passed = (performance.now() - before.atMs) / PERIOD_MS;
    expect(await record.newestPeriod()).toBeLessThan(before.newest + passed + 2);
    expect(await record.countPeriods()).toBeGreaterThanOrEqual(before.count);
    expect(await record.readFailures(hotkeys.miner)).toEqual(failuresBefore);
  } finally {
    await validator.end("SIGTERM");
    validator.start();
    await until("the database without that clock", async () => (await record.newestPeriod()) > 0);
  }
}

const machineSteps = [
  ["25 s ahead", 25_000],
  ["ten minutes back", -600_000],
  ["nine days ahead", 9 * DAY_MS],
] as const;

/** Wall clocks that are set wrong, and right again: the validator's own, and that of its whole machine. */
export const clockFaults: readonly Fault[] = [
  { name: "validator: clock ten minutes ahead", isLong: true, strike: (subnet) => stepClock(subnet, 600_000) },
  { name: "validator: clock ten minutes back", isLong: true, strike: (subnet) => stepClock(subnet, -600_000) },
  { name: "validator: clock ten days ahead, more than the record goes back", strike: (subnet) => stepClock(subnet, 10 * DAY_MS) },
  ...machineSteps.map(([words, byMs]) => ({
    name: `machine: clock set ${words}`,
    isLong: true as const,
    skip: () => whyNoSettableClock,
    strike: (subnet: FaultySubnet) => stepMachineClock(subnet, byMs),
  })),
];
