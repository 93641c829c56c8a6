import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { createMetrics, describeSettings, loadHotkey, openTracer, programVersion } from "@vision/program";
import { createSeededRandom, defaultProbingParams } from "@vision/scoring/probing";
import { signVerdicts, type VerdictsClaim } from "@vision/signing";
import { callBack } from "./adapters/call-back.js";
import { createSystemClock } from "./adapters/clock.js";
import { createFetchFile } from "./adapters/fetch-file.js";
import { gatewayMetricDefinitions } from "./adapters/metrics/index.js";
import { readPageFiles } from "./adapters/page-files.js";
import { connectPostgresStore } from "./adapters/postgres/index.js";
import { createEmbeddedPromptCounter } from "./adapters/prompt-counter-embedded.js";
import { openKeyUseShare } from "./adapters/redis/key-use-share.js";
import { openRedisLedger } from "./adapters/redis/open-redis-ledger.js";
import { createResultsFile } from "./adapters/results-file.js";
import { createUsageFile } from "./adapters/usage-file.js";
import { type GatewayConfig, validatorProgram } from "./config/index.js";
import { createExchange } from "./exchange/index.js";
import { createGateway, createMetricsServer } from "./gateway/index.js";
import { openProber } from "./open-prober.js";
import type { Logger } from "./ports/index.js";
import { createCheckSelector } from "./services/check-selector.js";
import { createDependencyGuard } from "./services/dependency-guard.js";
import { drainedSignal } from "./services/drained-signal.js";
import { createHeldTimes, systemHoldClock } from "./services/held-times.js";
import { spillResults, writeLastResults } from "./services/last-results.js";
import { recoverResults } from "./services/recover-results.js";
import { createResultsBuffer, defaultResultsBufferOptions } from "./services/results-buffer.js";
import { createStarvationWatch, noteStandstill } from "./services/starvation-watch.js";
import { type Service, supervise } from "./services/supervise.js";
import { untilAborted } from "./services/until-aborted.js";
import { createCoreWatch } from "./threads/core-watch.js";
import { createFollowingRouting } from "./threads/following-routing.js";
import type { ToldRouting } from "./threads/told-state.js";

/** What {@link runGateway} is given. */
export type RunGatewayOptions = {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  /** Ends it, after the answers under way. */
  readonly signal: AbortSignal;
  /** Where the password of an encrypted wallet is looked up. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Bundled module of the thread that asks miners; null to ask them here. */
  readonly proberUrl: URL | null;
  /** Given what keeps results that nobody was given, for a process that ends by a fault. */
  readonly onSpill?: (spill: () => void) => void;
};

/** Checks of a miner and task that wait are counted this often, as the validator does. */
const COUNT_CHECKS_EVERY_MS = 5_000;

/** What a key uses at another gateway counts here this much later at most. */
const SHARE_USES_EVERY_MS = 250;

const toldNothing: ToldRouting = {
  validator: "",
  registry: new Map(),
  period: null,
  budgets: [],
  checkable: new Set(),
  candidates: new Map(),
  firstTokenBudgetMs: new Map(),
  expected: () => null,
};

/**
 * Serves the API for users beside a validator and beside others, until the signal aborts and the answers under way are given. The validator
 * tells of miners and tasks through its PostgreSQL and is handed results over there; what all take of miners is counted by Redis.
 *
 * @throws VisionError `VALIDATOR_CANNOT_LISTEN`, `SIGNING_INVALID_KEY`, `WALLET_*`
 */
export async function runGateway(options: RunGatewayOptions): Promise<void> {
  const { config, logger, signal, environment = {} } = options;
  const clock = createSystemClock();
  const version = programVersion(import.meta.url);
  const { metrics, render, contentType } = createMetrics(gatewayMetricDefinitions);
  const hotkey = await loadHotkey(config, { environment });
  const guard = createDependencyGuard({ clock, logger, metrics, watched: ["store", "core"] });
  const store = connectPostgresStore(config.database, { logger });
  const ledger = openRedisLedger({ url: config.redis.url, validator: hotkey.address }, { clock, logger, metrics });
  const prober = openProber(
    {
      ...{ moduleUrl: options.proberUrl, hotkeySource: config, environment },
      ...{ controlTimeoutMs: defaultProbingParams.capacityTimeoutMs, logLevel: config.log.level },
    },
    { hotkey, clock, logger, metrics },
  );
  const random = () => createSeededRandom(randomBytes(32).toString("hex"), ["process"]);
  const promptCounter = createEmbeddedPromptCounter({ logger });

  let told = toldNothing;
  const routing = createFollowingRouting(told);
  const core = createCoreWatch({
    ...{ validator: hotkey.address, store, guard, clock, logger },
    onRouting(next) {
      // Budgets hold for a period: taken up twice, what is used of them would be free again.
      if (next.period !== null && next.period !== told.period) ledger.startPeriod(next.budgets, next.period);
      told = next;
      routing.follow(next);
    },
  });
  metrics.gatewayCoreAgeSeconds.measure(() => (Number.isFinite(core.ageMs()) ? core.ageMs() / 1_000 : -1));

  // A folder of its own: what another process is just writing is nothing left.
  const folder = join(config.database.dataDir, `gateway-${config.gateway.port}`);
  const spool = createResultsFile({ folder }, { logger });
  const handOver = {
    async recordResults(...[results, checks]: Parameters<typeof store.recordResults>) {
      const byId = new Map(checks.map((check) => [check.requestId, check]));
      await store.handOver(results.map((result) => ({ result, check: byId.get(result.requestId) ?? null })));
    },
  };
  const results = createResultsBuffer(defaultResultsBufferOptions, { store: handOver, guard, clock, logger, metrics });
  const last = { results, spool, logger };
  const selector = createCheckSelector(config.checks, { random: random(), clock, logger, metrics });
  const exchange = createExchange({
    ...{ asker: prober, ledger, promptCounter, clock, metrics, random: random(), newId: randomUUID },
    routing: {
      currentPeriod: () => told.period,
      sampler: (miner, taskId) => routing.candidates(taskId).find(({ target }) => target.hotkey === miner)?.sampler ?? "unknown",
    },
    shouldCheck(miner, taskId) {
      const expected = told.checkable.has(taskId) ? told.expected(miner, taskId) : null;
      return expected !== null && selector.select(miner, taskId, expected);
    },
    onResult(result, check) {
      routing.note(result, result, result.startedAtMs + result.durationMs);
      results.add(result, check);
    },
  });

  const heldTimes = createHeldTimes(systemHoldClock);
  const gateway = createGateway(
    // The chain is the validator's business; what is said of it there is not told here.
    { ...config.gateway, arePrivateEndpointsAllowed: false, settingsInForce: describeSettings(validatorProgram, config) },
    {
      ...{ exchange, routing, ledger, store, promptCounter, clock, logger, metrics, heldTimes },
      liveView: core,
      callBack,
      fetchFile: createFetchFile(),
      page: await readPageFiles(),
      random: random(),
      verdicts: { validator: hotkey.address, sign: async (claim: VerdictsClaim) => signVerdicts(hotkey, claim) },
      tracer: await openTracer(config.traces, { name: "vision-validator", version, instance: hotkey.address }, { logger }),
      health: () => ({ isAlive: true, isReady: core.isFresh() }),
      isCutOff: () => !core.isFresh(),
      usageSpool: createUsageFile({ folder, nowMs: clock.nowMs }, { logger }),
    },
  );
  options.onSpill?.(() => {
    spillResults(last);
    gateway.keepUsage();
  });
  const note = noteStandstill(metrics);
  const watch = createStarvationWatch({
    ...{ clock, logger, thread: "gateway", cause: "sender", heldTimes },
    onStandstill(standstill) {
      note(standstill);
      if (standstill.who !== null) gateway.noteStandstill(standstill.who);
    },
  });
  const checkCounts: Service = {
    name: "check counts",
    async run(running) {
      while (!running.aborted) {
        selector.setPending(await guard.untilUp("store", () => store.countPendingChecksBySeries(), running));
        await clock.sleep(COUNT_CHECKS_EVERY_MS, running);
      }
    },
  };
  const share = openKeyUseShare({ url: config.redis.url, validator: hotkey.address });
  const keyUses: Service = {
    name: "key uses",
    async run(running) {
      while (!running.aborted) {
        // Redis' absence is told by the ledger; until it is back each gateway goes by what it knows.
        const others = await share.exchange(gateway.keyUses.ownUses()).catch(() => null);
        if (others !== null) gateway.keyUses.noteOthers(others);
        await clock.sleep(SHARE_USES_EVERY_MS, running);
      }
    },
  };
  const left: Service = {
    name: "results left by an earlier process",
    async run(running) {
      await recoverResults({ spool, store: handOver, guard, logger }, running);
      await untilAborted(running);
    },
  };
  const metricsServer = createMetricsServer(config.metrics, {
    ...{ render, contentType },
    health: () => ({ isAlive: true, isReady: core.isFresh() }),
  });
  try {
    await prober.start();
    await core.look().catch(() => undefined);
    const metricsUrl = config.metrics.isEnabled ? await metricsServer.listen() : null;
    const gatewayUrl = await gateway.listen();
    logger.info("The gateway runs", { hotkey: hotkey.address, version, gatewayUrl, metricsUrl });
    const ending = drainedSignal(signal, () => gateway.drain());
    const services = [core, ledger, prober, results, checkCounts, keyUses, left, watch];
    await Promise.all(services.map((service) => supervise(service, ending, { clock, logger })));
  } finally {
    await gateway.close();
    await writeLastResults(last);
    await metricsServer.close();
    await prober.close();
    ledger.close();
    share.close();
    await store.close();
  }
}
