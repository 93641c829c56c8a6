import { setTimeout as delay } from "node:timers/promises";
import { expect } from "@jest/globals";
import type { Fault } from "./fault.js";
import { type FaultySubnet, PERIOD_MS } from "./faulty-subnet.js";
import { startSteadyUser, USERS_AT_ONCE } from "./steady-user.js";

/** Waits for a period, begun from now on, in which the miner was tried and did not fail once, and whose scores are published. */
async function untilScored({ record, until }: FaultySubnet, hotkey: string): Promise<void> {
  const from = await record.newestPeriod();
  const scored = `
    select count(*) from tallies join series on series.id = series_id join period_reports using (period)
    where hotkey = '${hotkey}' and period > ${from} and ok_count > 0 and failed_count = 0`;
  await until(
    "a period in which the miner answers again",
    async () => Number((await record.query<{ count: string }>(scored))[0]?.count) > 0,
  );
}

/** Ends of a miner's program. */
export const minerKills: readonly Fault[] = [
  {
    name: "miner: kill -9 while it is tried and users ask",
    async strike(subnet, { isThorough }) {
      const { record, hotkeys, minerProgram, until } = subnet;
      await untilScored(subnet, hotkeys.program);
      const failuresBefore = await record.readFailures(hotkeys.miner);
      const user = startSteadyUser({ ...subnet.api, model: "chat-tiny" });
      const answersMore = async (count: number) => {
        const before = user.counts().answered;
        await until("answers to users", async () => user.counts().answered >= before + count);
      };
      const kills = isThorough ? 3 : 1;
      try {
        for (let times = 0; times < kills; times += 1) {
          await answersMore(10);
          await minerProgram.kill();
          await answersMore(10);
          await delay(PERIOD_MS);
          minerProgram.start();
          await untilScored(subnet, hotkeys.program);
        }
      } finally {
        const { broken } = await user.stop();
        // Of the streams under way at the miner that died, at most.
        expect(broken).toBeLessThanOrEqual(kills * USERS_AT_ONCE);
      }
      expect(await record.readFailures(hotkeys.miner)).toEqual(failuresBefore);
    },
  },
];
