import { randomUUID } from "node:crypto";
import { pathToFileURL } from "node:url";
import { createLogger, tracesSection } from "@vision/program";
import { createRegistry } from "@vision/protocol";
import { createSeededRandom } from "@vision/scoring/probing";
import { createSystemClock } from "../src/adapters/clock.js";
import { createSharedLedger } from "../src/adapters/ledger-shared.js";
import { createPrometheusMetrics } from "../src/adapters/metrics/index.js";
import { openPostgresStore } from "../src/adapters/postgres/index.js";
import { createExchange } from "../src/exchange/index.js";
import { createApiKey } from "../src/gateway/index.js";
import { createDependencyGuard } from "../src/services/dependency-guard.js";
import { createMinerBoard } from "../src/services/miner-board.js";
import { createResultsBuffer, defaultResultsBufferOptions } from "../src/services/results-buffer.js";
import { aVerdictSigner } from "../src/testing/a-verdict-signer.js";
import { gatewayDefaults } from "../src/testing/gateway-fixture.js";
import { aLiveReport } from "../src/testing/live-samples.js";

import { createGatewayThread } from "../src/threads/gateway-thread.js";
import { createPartsLine } from "../src/threads/parts-line.js";
import { createProberThread } from "../src/threads/prober-thread.js";
import { answerUsage } from "./process-usage.js";

// Everything between a user and a miner as the validator runs it: the gateway's and the prober's threads, the core between them, keys, limits,
// routing, the ledger, encrypted sessions, and results written to a real database.
// With OTEL_EXPORTER_OTLP_ENDPOINT every request is traced.
const { MINERS = "[]", DATABASE = "", GATEWAY_MODULE = "", PROBER_MODULE = "", OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = process.env;
const miners = JSON.parse(MINERS) as readonly { readonly hotkey: string; readonly port: number }[];
const taskId = "chat-tiny";
const capacityPerHour = 1e10;

const [logger, clock, { metrics }] = [createLogger({ level: "error" }), createSystemClock(), createPrometheusMetrics()];
const store = await openPostgresStore({ url: DATABASE, maxConnections: 2 }, { logger });
const { key, ...stored } = createApiKey();
const limits = { requestsPerMinute: 100_000_000, tokensPerMinute: null, concurrentRequests: 10_000 };
await store.createApiKey({ id: "one", name: "one", ...limits, who: "a test", nowMs: Date.now(), ...stored });
const board = createMinerBoard(createRegistry());
const ledger = createSharedLedger();
ledger.startPeriod(miners.map(({ hotkey }) => ({ hotkey, taskId, units: capacityPerHour })));
board.startPeriod(
  1,
  miners.map(({ hotkey, port }) => ({ target: { hotkey, host: "127.0.0.1", port }, taskId, capacityPerHour, sampler: "gumbel-murmur3" })),
);
const guard = createDependencyGuard({ clock, logger, metrics });
const results = createResultsBuffer(defaultResultsBufferOptions, { store, guard, clock, logger, metrics });
const line = createPartsLine();
const prober = createProberThread(
  {
    moduleUrl: pathToFileURL(PROBER_MODULE),
    data: { hotkeySource: { hotkey: { uri: "//validator" } }, environment: {}, controlTimeoutMs: 10_000, logLevel: "error" },
  },
  { line: line.prober, clock, logger, metrics },
);
const exchange = createExchange({
  ...{ asker: prober, ledger, routing: board, clock, metrics, newId: randomUUID, shouldCheck: () => false },
  promptCounter: { count: async () => ({ kind: "unknown" }) },
  random: createSeededRandom("bench", []),
  onResult(result) {
    results.add(result, null, 0);
    board.noteResult(result);
  },
});
const gateway = createGatewayThread(
  {
    gateway: { ...gatewayDefaults, affinityFactor: 2, maxConnectionsPerAddress: 10_000 },
    ...{ logLevel: "error", maxConnections: 2, moduleUrl: pathToFileURL(GATEWAY_MODULE) },
    tracing: { settings: tracesSection.parse({ endpoint }), program: { name: "bench", version: "0", instance: "bench" } },
  },
  {
    ...{
      ledger,
      routing: board,
      clock,
      logger,
      metrics,
      exchange,
      line: line.gateway,
      databaseUrl: () => DATABASE,
      verdicts: await aVerdictSigner(),
    },
    liveView: { live: () => aLiveReport(1), chain: () => null },
    health: () => ({ isAlive: true, isReady: true }),
    onPeriodStarted: () => () => undefined,
  },
);
const [url] = await Promise.all([gateway.listen(), prober.start()]);
void results.run(new AbortController().signal);
process.send?.({ url, key });
answerUsage();
