import type { Metagraph } from "@vision/chain";
import { defaultSampler } from "@vision/protocol";
import { type PlannedProbe, type ProbingParams, planProbes } from "@vision/scoring/probing";
import { declaredBudget } from "../domain/declared-budget.js";
import { planNextPeriod } from "../domain/period.js";
import { createPeriodProgress, type PeriodProgress } from "../domain/period-progress.js";
import type { OpenPeriod, PeriodRecord } from "../domain/records/index.js";
import type { CapacityLedger, Logger, NextTasks, PeriodStore, TaskSource, ValidatorMetrics } from "../ports/index.js";
import { type AskCapacities, type SurveyedCapacity, surveyCapacities } from "./capacity-survey.js";
import type { CommonSeed } from "./common-seed.js";
import { createDeclarations, type Declared } from "./declarations.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { MetagraphSync } from "./metagraph-sync.js";
import type { MinerBoard } from "./miner-board.js";
import type { Prober } from "./prober.js";
import type { AnswerWatch } from "./result-intake.js";
import type { SteadyClock } from "./steady-clock.js";
import type { Service } from "./supervise.js";

/** What the scheduler works with. */
export type SchedulerDependencies = {
  readonly store: Pick<PeriodStore, "getOpenPeriod" | "getNewestPeriod" | "switchPeriod">;
  readonly metagraph: MetagraphSync;
  readonly ask: AskCapacities;
  readonly board: MinerBoard;
  /** Tasks that are to hold from the next period on. */
  readonly tasks: TaskSource;
  /** Called when the next period is open and before it is under way: its tasks hold from now on. Must not throw. */
  readonly onTasksChanged: (next: NextTasks) => void;
  readonly ledger: CapacityLedger;
  readonly prober: Prober;
  readonly guard: DependencyGuard;
  readonly clock: SteadyClock;
  readonly logger: Logger;
  readonly metrics: ValidatorMetrics;
  /** Whether this process stood still in the last so many milliseconds. */
  readonly wasStarvedLately: (durationMs: number) => boolean;
  /** Notes from now on who answers requests. */
  readonly watchAnswers: () => AnswerWatch;
  readonly commonSeed: CommonSeed;
  /** What was asked of a miner at a task lately, work units per hour, as the newest report has it; 0 for a stranger. */
  readonly triedPerHour: (hotkey: string, taskId: string) => number;
  /** 32 random bytes in hex. */
  readonly randomSeed: () => string;
  /** Called when a period is under way: results from now on belong to it. */
  readonly onPeriodStarted: (progress: PeriodProgress) => void;
  /** Called when a period's time is over and the next one is not open yet. Must not throw. */
  readonly onPeriodEnded: (progress: PeriodProgress) => void;
};

// About a block: asking again costs one chain read.
const EMPTY_WAIT_MS = 5_000;
/** What miners declared, and the tasks that they were asked about; null for those of the period before. */
type Asked = { readonly tasks: NextTasks | null; readonly capacities: readonly SurveyedCapacity[] };

/** Of a short period, at most this share is spent on asking for the next one's capacities. */
const MAX_LEAD_FRACTION = 0.25;
/** Clocks of two starts of this program may differ by this much, milliseconds. */
const MAX_SKEW_MS = 60_000;
/** Time-outs of a miner in a survey: it is asked twice. */
const SURVEY_TRIES = 2;
/** Share of that time after which the subnet as last seen must do. */
const MAX_CHAIN_FRACTION = 0.25;

/**
 * The period loop: sync the metagraph, ask every miner for its capacities (while the period before is in its last seconds), draw the
 * plan, open the period in one transaction, have it probed, and again. Continues a period that an earlier process left open.
 */
export function createScheduler(params: ProbingParams, dependencies: SchedulerDependencies): Service {
  const { store, metagraph, ask, board, tasks: taskSource, ledger, prober, guard, clock, logger, metrics, randomSeed } = dependencies;
  const declarations = createDeclarations(clock, params.periodMs);

  const registryOf = (tasks: NextTasks | null) => tasks?.setup.registry ?? board.registry();

  /** What a probe's miner declared. How it draws is not kept: until it is asked again, what counts for one that does not say. */
  const declaredIn = ({ taskId, declaredCapacityPerHour }: OpenPeriod["probes"][number]): Declared => {
    const task = board.registry().get(taskId);
    return { capacityPerHour: declaredCapacityPerHour, sampler: task === undefined ? "unknown" : defaultSampler(task) };
  };

  const budgetOf = (probe: PlannedProbe, { startsAtMs, endsAtMs }: Pick<PeriodRecord, "startsAtMs" | "endsAtMs">) =>
    declaredBudget(probe, board.registry().get(probe.taskId), endsAtMs - startsAtMs);

  /** Takes up an open period. One whose time is over is handed on to be scored; what was declared in it is known then. */
  async function resume(open: OpenPeriod, signal: AbortSignal): Promise<PeriodProgress | null> {
    const targets = new Map(metagraph.miners(await metagraph.refresh(signal)).map((target) => [target.hotkey, target]));
    const entries = open.probes.flatMap((probe) => {
      const target = targets.get(probe.hotkey);
      return target === undefined ? [] : [{ target, taskId: probe.taskId, ...declaredIn(probe) }];
    });
    ledger.startPeriod(
      open.probes.map((probe) => ({ ...budgetOf(probe, open), usedUnits: probe.attemptedUnits })),
      open.period,
    );
    board.startPeriod(open.period, entries);
    const declared = new Map<string, Map<string, Declared>>();
    for (const probe of open.probes) {
      declared.set(probe.hotkey, (declared.get(probe.hotkey) ?? new Map<string, Declared>()).set(probe.taskId, declaredIn(probe)));
    }
    for (const [hotkey, capacities] of declared) declarations.heard(hotkey, capacities);
    // A period that begins in the future was opened by a clock that was wrong: it would go on until then.
    const isFromTheFuture = open.startsAtMs > clock.nowMs() + MAX_SKEW_MS;
    if (isFromTheFuture) logger.warn("The open period begins in the future; it is closed", { period: open.period });
    if (isFromTheFuture || open.endsAtMs <= clock.nowMs()) {
      dependencies.onPeriodEnded(createPeriodProgress(open, open.probes));
      return null;
    }
    logger.info("A period is continued", { period: open.period, leftMs: open.endsAtMs - clock.nowMs() });
    return createPeriodProgress(open, open.probes);
  }

  async function surveyOnce(subnet: Metagraph, signal: AbortSignal, closeAtMs?: number): Promise<Asked> {
    const tasks = taskSource.next();
    const targets = metagraph.miners(subnet);
    declarations.keepOnly(new Set(targets.map(({ hotkey }) => hotkey)));
    const isNetworkUp = () => guard.isUp("network");
    const limits = closeAtMs === undefined ? {} : { closeAtMs };
    const answers = dependencies.watchAnswers();
    const ours = { declarations, isNetworkUp, wasStarvedLately: dependencies.wasStarvedLately, hasAnswered: answers.has };
    const registry = registryOf(tasks);
    try {
      return {
        tasks,
        capacities: await surveyCapacities({ targets, registry, params, signal, ...ours, ...limits }, { ask, clock, logger }),
      };
    } finally {
      answers.stop();
    }
  }

  /** Asks in the last seconds of a period, so that the next one opens on time whoever hangs, the chain included. */
  async function surveyBeforeEnd(endsAtMs: number, signal: AbortSignal): Promise<Asked> {
    const leadMs = Math.min(params.capacityTimeoutMs * SURVEY_TRIES, params.periodMs * MAX_LEAD_FRACTION);
    await clock.sleep(endsAtMs - leadMs - clock.nowMs(), signal);
    void clock.look(signal);
    const refreshing = metagraph.refresh(signal);
    refreshing.catch(() => undefined);
    const known = metagraph.current();
    const isLate = clock.sleep(leadMs * MAX_CHAIN_FRACTION, signal).then(() => known ?? refreshing);
    isLate.catch(() => undefined);
    return surveyOnce(await Promise.race([refreshing, isLate]), signal, endsAtMs);
  }

  /** Without any capacity a period has no content: asks again soon, for a period's length at most. */
  async function survey(signal: AbortSignal): Promise<Asked> {
    const giveUpAtMs = clock.nowMs() + params.periodMs;
    for (;;) {
      const asked = await surveyOnce(await metagraph.refresh(signal), signal);
      if (asked.capacities.length > 0 || clock.nowMs() >= giveUpAtMs) return asked;
      logger.debug("No miner declares a capacity");
      await clock.sleep(Math.min(EMPTY_WAIT_MS, params.periodMs), signal);
    }
  }

  async function start(asked: Asked | null, signal: AbortSignal): Promise<PeriodProgress> {
    const { tasks, capacities } = asked !== null && asked.capacities.length > 0 ? asked : await survey(signal);
    const newest = await guard.untilUp("store", () => store.getNewestPeriod(), signal);
    clock.settle();
    const { boundaryMs, ...limits } = planNextPeriod({ newest, nowMs: clock.nowMs(), periodMs: params.periodMs });
    const durationMs = limits.endsAtMs - limits.startsAtMs;
    const seed = randomSeed();
    const commonSeed = await dependencies.commonSeed.at(boundaryMs, seed, signal);
    const period: PeriodRecord = { ...limits, seed, commonSeed };
    const tried = capacities.map((each) => ({ ...each, triedPerHour: dependencies.triedPerHour(each.hotkey, each.taskId) }));
    const probes = planProbes({ capacities: tried, registry: registryOf(tasks), params, seed, commonSeed, durationMs });
    await guard.untilUp("store", () => store.switchPeriod(period, probes), signal);
    if (tasks !== null) dependencies.onTasksChanged(tasks);
    ledger.startPeriod(
      probes.map((probe) => budgetOf(probe, limits)),
      period.period,
    );
    board.startPeriod(period.period, capacities);
    logger.info("A period has started", {
      period: period.period,
      miners: new Set(probes.map(({ hotkey }) => hotkey)).size,
      probes: probes.length,
      requests: probes.reduce((sum, probe) => sum + probe.plannedRequests, 0),
    });
    return createPeriodProgress(period, probes);
  }

  return {
    name: "scheduler",
    async run(signal) {
      const open = await guard.untilUp("store", () => store.getOpenPeriod(), signal);
      let progress = open === null ? null : await resume(open, signal);
      let asked: Asked | null = null;
      while (!signal.aborted) {
        progress ??= await start(asked, signal);
        const { period } = progress;
        metrics.currentPeriod.set(period.period);
        dependencies.onPeriodStarted(progress);
        const stop = new AbortController();
        const surveying = surveyBeforeEnd(period.endsAtMs, AbortSignal.any([signal, stop.signal]));
        surveying.catch(() => undefined);
        try {
          await prober.runPeriod(progress, randomSeed(), signal);
          await clock.sleep(period.endsAtMs - clock.nowMs(), signal);
          dependencies.onPeriodEnded(progress);
          asked = await surveying;
        } finally {
          stop.abort();
        }
        progress = null;
      }
    },
  };
}
