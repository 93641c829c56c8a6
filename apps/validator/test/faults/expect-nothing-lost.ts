import { execFileSync } from "node:child_process";
import { cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { openDatabase } from "../../src/adapters/open-database.js";
import { recordingLogger } from "../../src/testing/recording-logger.js";
import type { FaultySubnet } from "./faulty-subnet.js";
import { readRecord } from "./validator-record.js";

const RECORDED =
  "select (select count(*) from results) as results, (select sum(requests) from tallies) as requests, (select count(*) from samples) as samples";
const UNREPORTED = "select count(*)::int as count from periods left join period_reports r using (period) where not is_open and r is null";
const WRONG_TALLIES = `
  select period, t.requests, coalesce(r.counted, 0) as counted
  from (select period, sum(requests) as requests from tallies group by period) t
  left join (select period, count(*) as counted from results where outcome = 'o' or blame = 'm' group by period) r using (period)
  where t.requests <> coalesce(r.counted, 0)`;
const LARGEST_GAP =
  "select coalesce(max(gap), 0)::int as largest from (select period - lag(period) over (order by period) as gap from periods) steps";

const open = (dataDir: string) => openDatabase({ dataDir }, { logger: recordingLogger(), signal: new AbortController().signal });

/** Expects of what the validator has recorded that numbers follow each other, all is reported and tallies are those of the results. Stops it. */
export async function expectNothingLost({ validator, record, dataDir, folder, weightCalls, until }: FaultySubnet): Promise<void> {
  // After an outage the reporter tries again after at most 15 s.
  await until("the reports", async () => ((await record.query<{ count: number }>(UNREPORTED))[0]?.count ?? 9) <= 1);
  await until("the first weights", async () => weightCalls() > 0);
  await validator.end("SIGTERM");
  expect(validator.process().exitCode).toBe(0);
  let kept: readonly unknown[] = [];
  const database = await open(dataDir);
  try {
    // Only what closed, or got late answers, as the program was stopped; the next start would report it.
    const newest = await record.newestPeriod();
    const due = await database.store.getPeriodsToReport(100);
    expect(due.map(({ period }) => period).filter((period) => period < newest - 3)).toEqual([]);
    expect(await record.query(WRONG_TALLIES)).toEqual([]);
    const [gaps] = await record.query<{ largest: number }>(LARGEST_GAP);
    // A database that was away for two periods leaves a gap of as many; a jump of 120 is another matter.
    expect(gaps?.largest).toBeLessThan(20);
    // One for each epoch that was begun, however often the validator, its database or the chain was away meanwhile.
    const [weights] = await record.query<{ begun: number }>("select count(*)::int as begun from weight_sets");
    expect(weightCalls()).toBeLessThanOrEqual(weights?.begun ?? 0);
    kept = await record.query(RECORDED);
  } finally {
    await database.close();
  }
  await expectCopyHolds(kept, { dataDir, copy: join(folder, "copy") });
  await expectNoProcessOf(folder);
}

/** A backup as docs/validating/mainnet.md says: the data folder copied while the validator is stopped. */
async function expectCopyHolds(kept: readonly unknown[], { dataDir, copy }: { dataDir: string; copy: string }): Promise<void> {
  if (process.platform === "win32") await cp(dataDir, copy, { recursive: true });
  else execFileSync("cp", ["-a", dataDir, copy]);
  const restored = await open(copy);
  try {
    expect(await readRecord(copy).query(RECORDED)).toEqual(kept);
    expect(await restored.store.getNewestPeriod()).not.toBeNull();
  } finally {
    await restored.close();
  }
}

async function expectNoProcessOf(folder: string): Promise<void> {
  const own = `${process.pid}`;
  const left = (await readdir("/proc").catch(() => [])).filter((pid) => /^\d+$/.test(pid) && pid !== own);
  for (const pid of left) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    expect({ pid, isLeft: line.includes(folder) }).toEqual({ pid, isLeft: false });
  }
}
