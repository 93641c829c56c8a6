import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "@jest/globals";
import { withHangingDatabase } from "./database-faults.js";
import type { Fault } from "./fault.js";
import { type FaultySubnet, PERIOD_MS } from "./faulty-subnet.js";

const spilledFiles = async (dataDir: string) => (await readdir(dataDir)).filter((name) => name.startsWith("unrecorded-results"));

async function untilNextPeriod({ record, until }: FaultySubnet): Promise<void> {
  const before = await record.newestPeriod();
  await until("the next period", async () => (await record.newestPeriod()) > before);
}

/** Ends of the validator's program, at the worst moments. */
export const validatorKills: readonly Fault[] = [
  {
    name: "validator: kill -9",
    async strike({ validator }) {
      await validator.end("SIGKILL");
      validator.start();
    },
  },
  {
    name: "validator: SIGTERM at the switch of two periods",
    async strike(subnet) {
      await untilNextPeriod(subnet);
      await subnet.validator.end("SIGTERM");
      subnet.validator.start();
    },
  },
  {
    name: "validator: kill -9 while it starts, after 0.1 to 1.6 s",
    isLong: true,
    async strike({ validator }) {
      for (const afterMs of [100, 400, 900, 1_600]) {
        await validator.end("SIGKILL");
        validator.start();
        await delay(afterMs);
      }
      await validator.end("SIGKILL");
      validator.start();
    },
  },
  {
    name: "validator: kill -9 at the switch of two periods",
    isLong: true,
    async strike(subnet) {
      await untilNextPeriod(subnet);
      await subnet.validator.end("SIGKILL");
      subnet.validator.start();
    },
  },
  {
    name: "validator: SIGTERM while the database hangs",
    isLong: true,
    async strike(subnet) {
      const { validator, dataDir, until } = subnet;
      await untilNextPeriod(subnet);
      await withHangingDatabase(subnet, async () => {
        await delay(PERIOD_MS / 2);
        await validator.end("SIGTERM");
      });
      expect(validator.process().exitCode).toBe(0);
      validator.start();
      await until("the results that were left", async () => (await spilledFiles(dataDir)).length === 0);
    },
  },
  {
    name: "validator: an exception nobody caught, results in memory only",
    skip: () => (process.platform === "win32" ? "there are no signals to tell it by" : null),
    async strike(subnet) {
      const { validator, dataDir, until } = subnet;
      // Now and then the period's requests were all recorded before the database hung.
      for (let attempt = 0; attempt < 5 && (await spilledFiles(dataDir)).length === 0; attempt += 1) {
        if (attempt > 0) validator.start();
        await untilNextPeriod(subnet);
        await withHangingDatabase(subnet, async () => {
          await delay(PERIOD_MS);
          const exit = once(validator.process(), "exit");
          validator.process().kill("SIGUSR2");
          expect(await exit).toEqual([1, null]);
        });
      }
      expect(await spilledFiles(dataDir)).toHaveLength(1);
      validator.start();
      await until("the results that were left", async () => (await spilledFiles(dataDir)).length === 0);
    },
  },
];
