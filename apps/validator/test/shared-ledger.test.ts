import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { createSharedLedger } from "../src/adapters/ledger-shared.js";
import { bundlePrograms } from "./bundle-programs.js";

let bundle: Awaited<ReturnType<typeof bundlePrograms>>;
beforeAll(async () => {
  bundle = await bundlePrograms("threads.tsup.config.mjs");
});
afterAll(() => bundle.remove());

it("never hands out more than the budget to two threads that reserve and release at the same time", async () => {
  for (const seed of ["one", "two", "three"]) {
    const budgetUnits = 1_000;
    const ledger = createSharedLedger();
    ledger.startPeriod([{ hotkey: "alice", taskId: "chat", units: budgetUnits }]);
    const cells = new BigInt64Array(ledger.period().accounts);
    const threads = ["a", "b"].map(
      (name) =>
        new Worker(join(bundle.folder, "reserve-in-thread.js"), {
          workerData: { period: ledger.period(), seed: `${seed} ${name}`, rounds: 20_000 },
        }),
    );
    try {
      await Promise.all(threads.map((thread) => once(thread, "message")));
      const finished = threads.map((thread) => once(thread, "message"));
      for (const thread of threads) thread.postMessage("go");
      let isOver = false;
      const all = Promise.all(finished).finally(() => {
        isOver = true;
      });
      // Watched from here while both work: what is taken is never more than there is.
      let looks = 0;
      let mostTaken = 0n;
      while (!isOver) {
        for (let look = 0; look < 1_000; look += 1) {
          const taken = Atomics.load(cells, 1);
          if (taken > mostTaken) mostTaken = taken;
        }
        looks += 1;
        await new Promise(setImmediate);
      }
      const reports = (await all).map(([report]) => report as { readonly usedUnits: number; readonly mostHeldUnits: number });
      const usedUnits = reports.reduce((sum, report) => sum + report.usedUnits, 0);
      expect({ seed, usedUnits, freeUnits: ledger.free("alice", "chat") }).toEqual({ seed, usedUnits: budgetUnits, freeUnits: 0 });
      expect(mostTaken).toBeLessThanOrEqual(BigInt(budgetUnits * 1_000_000));
      expect(looks).toBeGreaterThan(0);
      for (const report of reports) expect(report.mostHeldUnits).toBeGreaterThan(0);
    } finally {
      await Promise.all(threads.map((thread) => thread.terminate()));
    }
  }
});
