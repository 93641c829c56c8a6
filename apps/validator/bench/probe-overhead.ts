import { fork } from "node:child_process";
import { once } from "node:events";
import { createFakeChain } from "@vision/chain/testing";
import { createRegistry } from "@vision/protocol";
import { VISION } from "@vision/scoring";
import { defaultCheckParams, defaultProbingParams } from "@vision/scoring/probing";
import { createMinerClient } from "@vision/sdk/client";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { createSystemClock } from "../src/adapters/clock.js";
import { createInProcessLedger } from "../src/adapters/ledger-in-process.js";
import { createPrometheusMetrics } from "../src/adapters/metrics/index.js";
import { openPostgresStore } from "../src/adapters/postgres/index.js";
import { createEmbeddedPromptCounter } from "../src/adapters/prompt-counter-embedded.js";
import { createCore } from "../src/create-core.js";
import { defaultWeightParams } from "../src/domain/weight-params.js";
import { createMinerReader } from "../src/services/miner-reader.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { startTestPostgres } from "../src/testing/test-postgres.js";

/** What the benchmark found out. CPU of this whole process, all threads, for every probe of the measured period. */
export type ProbeOverhead = { readonly probes: number; readonly okCount: number; readonly cpuMillisecondsPerProbe: number };

const PERIOD_MS = 5_000;
/** The best of them counts: other work on the machine only ever adds. */
const MEASURED_PERIODS = 3;
const PROBES_PER_PERIOD = 1_000;

/**
 * Runs the validator's core against a miner in another process and a real database for some periods, the first to warm up, and measures
 * the others from end to end: planning, drawing, signing, sending, reading the stream, counting, storing, scoring the period.
 */
export async function measureProbeOverhead(stubMinerPath: string): Promise<ProbeOverhead> {
  await ready();
  const miner = fork(stubMinerPath);
  const [{ hotkey: minerHotkey, port }] = (await once(miner, "message")) as [{ hotkey: string; port: number }];
  const postgres = await startTestPostgres();
  const logger = recordingLogger();
  const store = await openPostgresStore({ url: await postgres.createDatabase() }, { logger });
  const hotkey = createHotkeyFromUri("//validator");
  const client = createMinerClient({ hotkey });
  const task = createRegistry().get("chat-tiny");
  if (task === undefined) throw new Error("no chat-tiny");
  // A capacity of which the plan is the wanted number of typical requests.
  const share = (PROBES_PER_PERIOD * task.typicalUnitsPerRequest * 3_600_000) / (PERIOD_MS * task.maxCapacityPerHour);
  const registry = createRegistry([{ ...task, maxCapacityPerHour: task.maxCapacityPerHour * Math.max(1, share) * 2 }]);
  const core = createCore(
    {
      version: "1.0.0",
      netuid: 1,
      arePrivateEndpointsAllowed: true,
      probing: {
        ...defaultProbingParams,
        periodMs: PERIOD_MS,
        shareBands: [{ probability: 1, from: 1, to: 1 }],
        maxRequestsPerPeriod: PROBES_PER_PERIOD,
        maxConcurrentPerProbe: 256,
      },
      checks: { ...defaultCheckParams, isOwn: true },
      weights: defaultWeightParams,
      scoring: VISION,
      retentionPeriods: 200,
      registry,
      taskWeights: { kind: "config", shares: { "chat-tiny": 1 } },
    },
    {
      chain: createFakeChain({
        netuid: 1,
        neurons: [{ hotkey: hotkey.address }, { hotkey: minerHotkey, endpoint: { host: "127.0.0.2", port } }],
      }),
      store,
      reader: createMinerReader({ client, clock: createSystemClock(), logger, onStandstill: () => undefined }),
      reference: {
        canCheck: () => false,
        check: async () => ({ kind: "inconclusive", reason: "not measured here" }),
        close: async () => undefined,
      },
      ledger: createInProcessLedger(),
      signer: hotkey,
      promptCounter: createEmbeddedPromptCounter({ logger }),
      clock: createSystemClock(),
      logger,
      metrics: createPrometheusMetrics().metrics,
    },
  );

  const stop = new AbortController();
  const running = core.run(stop.signal);
  const nextReport = () =>
    new Promise<NonNullable<ReturnType<typeof core.reporter.latest>>>((resolve) => {
      const off = core.reporter.onReport((report) => {
        off();
        resolve(report);
      });
    });
  try {
    await nextReport();
    let best: ProbeOverhead | null = null;
    for (let round = 0; round < MEASURED_PERIODS; round += 1) {
      const before = process.cpuUsage();
      const report = await nextReport();
      const used = process.cpuUsage(before);
      const counts = report.miners.flatMap(({ tasks }) => tasks);
      const probes = counts.reduce((sum, each) => sum + each.requests, 0);
      const okCount = counts.reduce((sum, each) => sum + each.okCount, 0);
      const cpuMillisecondsPerProbe = (used.user + used.system) / 1000 / probes;
      if (best === null || cpuMillisecondsPerProbe < best.cpuMillisecondsPerProbe) best = { probes, okCount, cpuMillisecondsPerProbe };
    }
    if (best === null) throw new Error("nothing was measured");
    return best;
  } finally {
    stop.abort();
    await running;
    await client.close();
    await store.close();
    await postgres.stop();
    miner.disconnect();
  }
}
