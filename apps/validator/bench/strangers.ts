import { fork } from "node:child_process";
import { once } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { chatEvents } from "../src/testing/fake-exchange.js";
import { startGateway } from "../src/testing/gateway-fixture.js";
import type { Load, LoadResult } from "./strangers-load.js";

/** Latency of users and lateness of the gateway's loop, milliseconds, with so many keyless senders of 4 MB bodies beside them. */
export type StrangersResult = {
  readonly strangers: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  readonly users: number;
  readonly okCount: number;
  readonly strangersAnswers: number;
};

const SECONDS = 8;

/** Measures users' latency with no stranger, one, and eight. The load runs in a process of its own. */
export async function measureStrangers(loadPath: string): Promise<readonly StrangersResult[]> {
  const fixture = await startGateway({ alice: () => ({ events: chatEvents(["Hello", " there"]) }) });
  const key = await fixture.addKey({ requestsPerMinute: 10_000_000 });
  const load = fork(loadPath);
  await once(load, "message");
  const measured: StrangersResult[] = [];
  try {
    for (const strangers of [0, 1, 8]) {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      load.send({ url: fixture.url, key, strangers, seconds: SECONDS } satisfies Load);
      const [{ latenciesMs, okCount, strangersAnswers }] = (await once(load, "message")) as [LoadResult];
      delay.disable();
      const at = (fraction: number) => latenciesMs[Math.floor(fraction * (latenciesMs.length - 1))] ?? Number.NaN;
      measured.push({
        ...{ strangers, p50Ms: at(0.5), p99Ms: at(0.99), users: latenciesMs.length, okCount, strangersAnswers },
        loopP99Ms: delay.percentile(99) / 1e6,
        loopMaxMs: delay.max / 1e6,
      });
    }
    return measured;
  } finally {
    load.disconnect();
    await fixture.close();
  }
}
