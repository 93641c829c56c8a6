import { randomBytes, randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { ChainClient, ChainSigner } from "@vision/chain";
import { enabledTasks, PROTOCOL_VERSION, type TaskRegistry } from "@vision/protocol";
import type { ScoringParams } from "@vision/scoring";
import { type CheckParams, createSeededRandom, isBigDraw, type ProbingParams } from "@vision/scoring/probing";
import { defaultOutageParams } from "./domain/network-outage.js";
import type { TaskSetup } from "./domain/task-setup.js";
import type { TaskWeightSource } from "./domain/task-weights.js";
import type { WeightParams } from "./domain/weight-params.js";
import { createExchange, type Exchange, type MinerAsker } from "./exchange/index.js";
import type {
  CapacityLedger,
  CheckPlan,
  Clock,
  Health,
  LiveView,
  Logger,
  PromptCounter,
  Reference,
  ResultsSpool,
  RoutingView,
  Store,
  TaskSource,
  ValidatorMetrics,
} from "./ports/index.js";
import { createChainWatch } from "./services/chain-watch.js";
import { createCheckBacklog } from "./services/check-backlog.js";
import { createCheckSelector } from "./services/check-selector.js";
import { createChecker } from "./services/checker.js";
import { createCommonSeed } from "./services/common-seed.js";
import { createDependencyGuard } from "./services/dependency-guard.js";
import { createHandedOverResults, recordHandedOver } from "./services/handed-over-results.js";
import { spillResults, writeLastResults } from "./services/last-results.js";
import { createLiveBoard } from "./services/live-board.js";
import { measureOutcomes } from "./services/measure-outcomes.js";
import { createMetagraphSync } from "./services/metagraph-sync.js";
import { createMinerBoard } from "./services/miner-board.js";
import { createNetworkWatch } from "./services/network-watch.js";
import { createPeriodReporter, type PeriodReporter } from "./services/period-reporter.js";
import { createProber } from "./services/prober.js";
import { recoverResults } from "./services/recover-results.js";
import { createRequestWriter, noWrittenRequests, type RequestWriterOptions } from "./services/request-writer.js";
import { createResultIntake, type ResultIntake } from "./services/result-intake.js";
import { createResultsBuffer, defaultResultsBufferOptions, type ResultsBufferOptions } from "./services/results-buffer.js";
import { createRevealWatch } from "./services/reveal-watch.js";
import { createScheduler } from "./services/scheduler.js";
import { createScorer } from "./services/scorer.js";
import { createSharedRequests, defaultSharedRequestsOptions, type SharedRequestsOptions } from "./services/shared-requests.js";
import { createStarvationWatch, noteStandstill } from "./services/starvation-watch.js";
import { createSteadyClock } from "./services/steady-clock.js";
import { type Service, supervise } from "./services/supervise.js";
import { createTaskWeights } from "./services/task-weights.js";
import { toRefused } from "./services/to-refused.js";
import { createUserGaps } from "./services/user-gaps.js";
import { createWeightSetter, type WeightSetter } from "./services/weight-setter.js";

/** What the core is told. */
export type CoreSettings = {
  /** Of the program. */
  readonly version: string;
  readonly netuid: number;
  readonly arePrivateEndpointsAllowed: boolean;
  readonly probing: ProbingParams;
  /** `isOwn` where this process checks answers too. */
  readonly checks: CheckParams & { readonly isOwn: boolean };
  readonly weights: WeightParams;
  readonly scoring: ScoringParams;
  readonly retentionPeriods: number;
  readonly registry: TaskRegistry;
  readonly taskWeights: TaskWeightSource;
  readonly results?: ResultsBufferOptions;
  /** Whether gateways in processes of their own hand results over; no if left out. */
  readonly areGatewaysSeparate?: boolean;
  readonly sharedRequests?: SharedRequestsOptions;
  /** Left out, no model writes. */
  readonly writtenRequests?: RequestWriterOptions;
};

/** The ports that the core works on. */
export type CoreDependencies = {
  readonly chain: ChainClient;
  readonly store: Store;
  /** Asks miners, on this thread or another; run with the other services. */
  readonly reader: MinerAsker & Service;
  readonly reference: Reference;
  /** Looks after the references, where answers are checked here. */
  readonly referenceWatch?: Service;
  readonly ledger: CapacityLedger;
  /** Keeps up with what other processes take, where the ledger is shared with some. */
  readonly ledgerWatch?: Service;
  readonly signer: ChainSigner;
  readonly promptCounter: Pick<PromptCounter, "count">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ValidatorMetrics;
  /** Tasks that change while it runs, with the loop that looks for them; without one they stay as they are set. */
  readonly tasks?: TaskSource & Service;
  /** Takes what the store cannot be given before the end; without one it is lost. */
  readonly spool?: ResultsSpool;
  /** The time by other machines' clocks; null, or left out, where none is known. */
  readonly readReferenceMs?: (signal: AbortSignal) => Promise<number | null>;
  /** 32 random bytes in hex; fresh at every call. Tests fix it. */
  readonly randomSeed?: () => string;
  readonly newId?: () => string;
};

/** The validator without its gateway: everything that probes, checks, scores and sets weights. */
export type Core = {
  readonly routing: RoutingView;
  readonly liveView: LiveView;
  /** How it is, from memory. */
  health(): Health;
  readonly exchange: Exchange;
  readonly checkPlan: CheckPlan;
  readonly reporter: Pick<PeriodReporter, "latest" | "onReport">;
  readonly weightSetter: Pick<WeightSetter, "step">;
  /** Calls the listener when a period is under way. Returns a function that stops it. */
  onPeriodStarted(listener: (period: number) => void): () => void;
  /**
   * Runs every loop until the signal aborts; writes what is left, for a few seconds at most, and resolves.
   *
   * @param onStopping - Ends what else produces results (the gateway's streams); awaited before the last write.
   */
  run(signal: AbortSignal, onStopping?: () => Promise<void>): Promise<void>;
  /** Keeps what is not in the store yet for the next start, blocking; for a process that is about to end by a fault. */
  spill(): void;
};

/** Answers under way at the end of a period are waited for this long before it is scored; later ones count all the same, at the next scoring. */
const MAX_GRACE_MS = 60_000;

/** Wires the services to the ports. Starts nothing. */
export function createCore(settings: CoreSettings, dependencies: CoreDependencies): Core {
  const { chain, store, reader, reference, ledger, signer, clock, logger, metrics } = dependencies;
  const randomSeed = dependencies.randomSeed ?? (() => randomBytes(32).toString("hex"));
  const secret = createSeededRandom(randomSeed(), ["process"]);
  const steadyClock = createSteadyClock({ clock, readReferenceMs: dependencies.readReferenceMs ?? (async () => null), logger });
  const guard = createDependencyGuard({ clock, logger, metrics });
  const board = createMinerBoard(settings.registry);
  const selector = createCheckSelector(settings.checks, { random: secret, clock, logger, metrics });
  const results = createResultsBuffer(settings.results ?? defaultResultsBufferOptions, { store, guard, clock, logger, metrics });
  const last = { results, spool: dependencies.spool, logger };
  const startedListeners = new Set<(period: number) => void>();

  const metagraph = createMetagraphSync(
    { netuid: settings.netuid, ownHotkey: signer.address, arePrivateEndpointsAllowed: settings.arePrivateEndpointsAllowed },
    { chain, guard, logger, metrics },
  );
  const starvation = createStarvationWatch({ clock, logger, thread: "core", onStandstill: noteStandstill(metrics) });
  const wasStarvedLately = (durationMs: number) => starvation.wasStarvedDuring({ startedAtMs: clock.nowMs() - durationMs, durationMs });
  const network = createNetworkWatch(defaultOutageParams, {
    guard,
    clock,
    wasClockRight: (wallMs) => steadyClock.wasRight(wallMs),
    async ping(hotkey, signal) {
      const target = board.target(hotkey);
      // Gone from the subnet: the next requests to others tell more.
      if (target === null) return null;
      const tasks = enabledTasks(board.registry());
      const request = { protocolVersion: PROTOCOL_VERSION, periodMs: settings.probing.periodMs, tasks };
      const answer = await reader.getCapacities(target, request, { signal });
      return answer.ok ? null : answer;
    },
    onReblamed: (result) => intake.excuse(result),
  });
  const userGaps = createUserGaps();
  const intake: ResultIntake = createResultIntake({ board, results, network, userGaps });
  const checkPlan: CheckPlan = {
    canCheck: (task) => reference.canCheck(task),
    expected(hotkey, taskId) {
      const plan = intake.current()?.get(hotkey, taskId) ?? null;
      return { answers: plan?.plannedRequests ?? 1, isBigDraw: plan !== null && isBigDraw(plan) };
    },
  };
  const exchange = createExchange({
    asker: reader,
    ledger,
    routing: board,
    promptCounter: dependencies.promptCounter,
    clock,
    metrics,
    random: secret,
    newId: dependencies.newId ?? randomUUID,
    shouldCheck(hotkey, taskId) {
      const task = board.task(taskId);
      return task !== null && reference.canCheck(task) && selector.select(hotkey, taskId, checkPlan.expected(hotkey, taskId));
    },
    onResult: (result, check) => intake.take(result, check),
  });
  const taskWeights = createTaskWeights(
    { source: settings.taskWeights, netuid: settings.netuid, registry: settings.registry },
    { chain, guard, clock, logger, metrics },
  );
  const scorer = createScorer(
    { params: settings.weights, scoring: settings.scoring, periodMs: settings.probing.periodMs },
    { store, taskWeights, routing: board, guard },
  );
  const tasks = dependencies.tasks ?? { next: () => null };
  let setup: TaskSetup = { registry: settings.registry, taskWeights: settings.taskWeights };
  const longestTimeoutMs = () => Math.max(0, ...[...setup.registry.values()].map(({ timeoutMs }) => timeoutMs));
  const reporter = createPeriodReporter(
    {
      netuid: settings.netuid,
      validatorHotkey: signer.address,
      probing: settings.probing,
      graceMs: () => Math.min(longestTimeoutMs(), MAX_GRACE_MS),
      retentionPeriods: settings.retentionPeriods,
    },
    { scorer, results, store, metagraph, guard, clock: steadyClock, logger },
  );
  measureOutcomes({ metrics, routing: board, reporter });
  const shared = createSharedRequests(settings.sharedRequests ?? defaultSharedRequestsOptions, { store, guard, clock: steadyClock });
  // Whoever has answers checked elsewhere does not want models loaded here.
  const writing = settings.checks.isOwn ? settings.writtenRequests : undefined;
  const writer = createRequestWriter(writing ?? noWrittenRequests, {
    ...{ reference, routing: board, random: createSeededRandom(randomSeed(), ["written requests"]), clock, logger },
    isBusy: (taskId) => selector.pendingOf(taskId) >= settings.checks.batchSize,
  });
  const prober = createProber(settings.probing, {
    exchange,
    shared,
    written: writer,
    gapsOf: (taskId) => userGaps.of(taskId),
    routing: board,
    ledger,
    isNetworkUp: () => guard.isUp("network"),
    wasStarvedLately,
    clock: steadyClock,
    logger,
    metrics,
    onKeptOut: (kept) => intake.refuse(toRefused(kept, { requestId: (dependencies.newId ?? randomUUID)(), nowMs: clock.nowMs() })),
  });
  const scheduler = createScheduler(settings.probing, {
    store,
    metagraph,
    ask: (target, request, signal) => reader.getCapacities(target, request, { signal }),
    board,
    tasks,
    onTasksChanged({ setup: next, takeUp }) {
      setup = next;
      takeUp();
      board.setRegistry(next.registry);
      taskWeights.use(next);
    },
    ledger,
    prober,
    guard,
    clock: steadyClock,
    logger,
    metrics,
    wasStarvedLately,
    watchAnswers: () => intake.watchAnswers(),
    commonSeed: createCommonSeed(settings.netuid, { chain, guard, logger }),
    triedPerHour: (hotkey, taskId) => scorer.triedPerHour(hotkey, taskId),
    randomSeed,
    onPeriodStarted(progress) {
      intake.startPeriod(progress);
      userGaps.endPeriod();
      for (const listener of startedListeners) listener(progress.period.period);
    },
    onPeriodEnded: (progress) => reporter.add(progress),
  });
  const backlog = createCheckBacklog(settings.checks, {
    self: { validator: signer.address, version: settings.version },
    ...{ store, reference, routing: board, selector, guard, clock, logger, metrics },
    onSample: (sample) => board.noteSample(sample),
  });
  const checker = createChecker(settings.checks, {
    readScope: async () => ({ validator: signer.address, tasks: null }),
    ...{ store, reference, routing: board, guard, clock, logger, metrics },
  });
  const reveals = createRevealWatch({ netuid: settings.netuid }, { chain, metagraph, store, guard, logger, metrics });
  const chainWatch = createChainWatch({ netuid: settings.netuid }, { chain, metagraph, store, guard, clock, logger, metrics });
  const weightSetter = createWeightSetter(
    { params: settings.weights, netuid: settings.netuid },
    { chain, metagraph, scorer, store, signer, reveals, guard, clock, logger, metrics },
  );

  const liveBoard = createLiveBoard(
    { netuid: settings.netuid, validatorHotkey: signer.address },
    {
      ...{ chain, metagraph, store, routing: board, intake, reporter, reveals, guard, clock, logger },
      defaultShares: () => (setup.taskWeights.kind === "votes" ? (setup.taskWeights.defaults ?? {}) : {}),
    },
  );

  const services: readonly Service[] = [
    scheduler,
    results,
    backlog,
    ...(settings.checks.isOwn ? [checker] : []),
    ...(dependencies.referenceWatch === undefined ? [] : [dependencies.referenceWatch]),
    ...(dependencies.ledgerWatch === undefined ? [] : [dependencies.ledgerWatch]),
    ...(settings.areGatewaysSeparate === true ? [createHandedOverResults({ store, intake, guard, clock, logger })] : []),
    reporter,
    shared,
    writer,
    taskWeights,
    weightSetter,
    reveals,
    chainWatch,
    liveBoard,
    network,
    starvation,
    reader,
    ...(dependencies.tasks === undefined ? [] : [dependencies.tasks]),
  ];

  return {
    routing: board,
    liveView: liveBoard,
    health: () => ({
      isAlive: chainWatch.isTicking(),
      isReady: chainWatch.isTicking() && chainWatch.isHeard() && guard.isUp("store"),
    }),
    exchange,
    checkPlan,
    reporter,
    weightSetter,
    onPeriodStarted(listener) {
      startedListeners.add(listener);
      return () => startedListeners.delete(listener);
    },
    async run(signal, onStopping) {
      // Every request and every sleep under way listens to it: far more than the ten that Node takes for a leak.
      setMaxListeners(0, signal);
      await recover(signal);
      // What an earlier process had found out routes users until there are new samples.
      await steadyClock.look(signal);
      const latest = await guard.untilUp("store", () => store.getLatestEpoch(), signal).catch(() => null);
      if (latest !== null) {
        board.seed(latest.report);
        scorer.seed(latest.report);
      }
      await Promise.all(services.map((service) => supervise(service, signal, { clock, logger })));
      await prober.settled();
      await onStopping?.();
      await writeLastResults(last);
    },
    spill: () => spillResults(last),
  };

  async function recover(signal: AbortSignal): Promise<void> {
    const { spool } = dependencies;
    const handedOver = await recordHandedOver({ store, guard }, signal).catch((error: unknown) => {
      if (!signal.aborted) logger.error("What gateways handed over meanwhile could not be recorded; it waits", { error });
      return 0;
    });
    if (handedOver > 0) logger.info("What gateways handed over meanwhile is recorded", { count: handedOver });
    if (spool === undefined) return;
    await recoverResults({ spool, store, guard, logger }, signal).catch((error: unknown) => {
      if (!signal.aborted) logger.error("Results that an earlier process left could not be recorded; they are kept", { error });
    });
  }
}
