import { capacityBurstUnits, createRegistry, type Task, VALIDATOR_BURST_HOURS } from "@vision/protocol";
import { type AnswerSample, type PeriodTally, VISION } from "@vision/scoring";
import { createSeededRandom, decideCheck, defaultCheckParams, defaultProbingParams, isBigDraw, planProbes } from "@vision/scoring/probing";
import { createDraws, type Draws } from "./random.js";
import {
  type Answering,
  type AnswerView,
  type Declaration,
  type Demand,
  declareHonestly,
  honestAnswering,
  type Strategy,
} from "./strategy.js";
import type { World } from "./world.js";

/** A sample, and the hour at whose end its check is done. */
export type JudgedSample = AnswerSample & { readonly judgedAtHour: number };

/** What one validator recorded of one hotkey at one task. */
export type SeriesRecord = {
  readonly validator: number;
  readonly hotkey: string;
  readonly taskId: string;
  readonly periods: PeriodTally[];
  readonly samples: JudgedSample[];
  /** Declared in each hour, units an hour; 0 where it was not there. */
  readonly declaredPerHour: Float64Array;
};

/** All that validators recorded of one operator, and what it cost. */
export type OperatorRecord = {
  readonly series: readonly SeriesRecord[];
  /** Machine hours paid for. */
  readonly hardwareHours: number;
  /** Requests that validators sent of their own, and what was declared, both over all hours. */
  readonly probedRequests: number;
  readonly declaredRequests: number;
};

const registry = createRegistry();
const SLOTS_PER_HOUR = 4;
/** Part of an hour that a request may take at most: a minute. */
const UNENDED_FRACTION = 1 / 60;

function taskOf(taskId: string): Task {
  const task = registry.get(taskId);
  if (task === undefined) throw new Error(`The lab's world names a task that does not exist: ${taskId}`);
  return task;
}

type Flow = {
  readonly demand: Demand;
  readonly task: Task;
  readonly planned: number;
  readonly isBigDraw: boolean;
  /** Users' requests by slot. */
  readonly users: readonly number[];
  readonly most: number;
  /** Requests that may be saved up, and that are at the moment. */
  readonly burst: number;
  saved: number;
  attempted: number;
  synthetic: number;
  good: number;
  junk: number;
  refused: number;
  failed: number;
  /** Times that one of the plan's requests found the miner's own ones in all of its slots. */
  waited: number;
};

/** What a strategy is run with. */
export type OperatorOptions = {
  readonly strategy: Strategy;
  readonly world: World;
  readonly seed: number;
  /** Tells operators of one subnet apart. */
  readonly name: string;
  readonly size: number;
  /** How much of the users' requests comes here, as a multiple of the world's mean. */
  readonly userFactor: number;
};

/** Runs one operator through all hours of a world. What others do changes nothing of it: that is a property of the mechanism, and tested. */
export function simulateOperator(options: OperatorOptions): OperatorRecord {
  const { strategy, world, seed, name, size } = options;
  const draws = createDraws(seed, name);
  const checkerDraws = createDraws(seed, `${name} checks`);
  const memory = new Map<string, number>();
  const series = new Map<string, SeriesRecord>();
  const unitsPerMachine = (task: Task) => world.requestsPerHour * task.typicalUnitsPerRequest;
  let hardwareHours = 0;
  let probedRequests = 0;
  let declaredRequests = 0;

  for (let hour = 0; hour < world.hours; hour += 1) {
    const view = { hour, world, size, draws, memory };
    const declarations = (strategy.declare ?? declareHonestly)(view).filter(({ machines }) => machines > 0);
    const flows = declarations.flatMap((declaration) => {
      const record = series.get(keyOf(declaration));
      return planFlow(declaration, { hour, triedPerHour: record === undefined ? 0 : triedPerHour(record, hour) }, options, draws);
    });
    const demands = flows.map(({ demand }) => demand);
    const demandedMachines = demands.reduce((sum, { requests }) => sum + requests, 0) / world.requestsPerHour;
    const answerView: AnswerView = { ...view, demands, demandedMachines, isCommonHour: isCommonHour(seed, hour) };
    const answering: Answering = { ...honestAnswering, hardware: declarations.length > 0 ? size : 0, ...strategy.answer?.(answerView) };
    hardwareHours += answering.hardware;
    runHour(flows, answering, world, draws);
    for (const flow of flows) countKeptOut(flow, draws);
    for (const flow of flows) {
      const { validator, hotkey, taskId, machines } = flow.demand;
      const key = keyOf(flow.demand);
      const record = series.get(key) ?? {
        validator,
        hotkey,
        taskId,
        periods: [],
        samples: [],
        declaredPerHour: new Float64Array(world.hours),
      };
      series.set(key, record);
      record.declaredPerHour[hour] = machines * unitsPerMachine(flow.task);
      const samples = inLine(samplesOf(flow, hour, answering, draws), world.checksWaitHours, checkerDraws);
      const passedCount = samples.reduce((sum, { qualityFraction }) => sum + qualityFraction, 0);
      record.periods.push({ ...tallyOf(flow, hour, machines * unitsPerMachine(flow.task)), checkedCount: samples.length, passedCount });
      record.samples.push(...samples);
      probedRequests += flow.synthetic;
      declaredRequests += machines * world.requestsPerHour;
    }
  }
  return { series: [...series.values()], hardwareHours, probedRequests, declaredRequests };
}

const keyOf = ({ validator, hotkey, taskId }: Declaration) => `${validator} ${hotkey} ${taskId}`;

const commonSeedOf = (seed: number, hour: number) => `${seed} common ${hour}`;

function isCommonHour(seed: number, hour: number): boolean {
  return createSeededRandom(commonSeedOf(seed, hour), ["hour"]).next() < defaultProbingParams.bigDraws.probabilityPerHour;
}

/** As the report of the hour before has it. */
function triedPerHour({ periods }: SeriesRecord, hour: number): number {
  const { fullMemoryHours, memoryHours } = VISION.capacity;
  let tried = 0;
  for (const { period, attemptedUnits } of periods) {
    const age = hour - 1 - period;
    tried = Math.max(tried, attemptedUnits * Math.min(1, Math.max(0, 1 - (age - fullMemoryHours) / (memoryHours - fullMemoryHours))));
  }
  return tried;
}

function planFlow(
  declaration: Declaration,
  { hour, triedPerHour }: { readonly hour: number; readonly triedPerHour: number },
  options: OperatorOptions,
  draws: Draws,
): readonly Flow[] {
  const { world, seed, name, userFactor } = options;
  const task = taskOf(declaration.taskId);
  const capacityPerHour = declaration.machines * world.requestsPerHour * task.typicalUnitsPerRequest;
  const [probe] = planProbes({
    capacities: [{ hotkey: `${name} ${declaration.hotkey}`, taskId: declaration.taskId, capacityPerHour, triedPerHour }],
    registry,
    params: defaultProbingParams,
    seed: `${seed} ${declaration.validator} ${hour}`,
    commonSeed: commonSeedOf(seed, hour),
  });
  if (probe === undefined) return [];
  const most = declaration.machines * world.requestsPerHour;
  const burst = capacityBurstUnits(most, 1, VALIDATOR_BURST_HOURS);
  const mean = (world.users * userFactor * most) / SLOTS_PER_HOUR;
  const users = Array.from({ length: SLOTS_PER_HOUR }, () => draws.round(mean * (0.5 + draws.next())));
  const requests = Math.min(
    Math.max(
      probe.plannedRequests,
      users.reduce((sum, count) => sum + count, 0),
    ),
    Math.ceil(most),
  );
  return [
    {
      demand: { ...declaration, requests, fraction: most > 0 ? requests / most : 0 },
      ...{ task, planned: probe.plannedRequests, isBigDraw: isBigDraw(probe), users, most: Math.max(1, Math.round(most)) },
      ...{ burst, saved: burst },
      ...{ attempted: 0, synthetic: 0, good: 0, junk: 0, refused: 0, failed: 0, waited: 0 },
    },
  ];
}

/**
 * Sends an hour's requests in four parts; what comes in one part has to be answered in it. As a validator does, it asks a miner for no more
 * than the declared rate and what is saved up of it, users come first, and the plan fills up what is due by then.
 */
function runHour(flows: readonly Flow[], answering: Answering, world: World, draws: Draws): void {
  const room = (answering.hardware * world.requestsPerHour) / SLOTS_PER_HOUR;
  const ordered = [...flows].sort((a, b) => answering.rankOf(a.demand) - answering.rankOf(b.demand));
  for (let slot = 0; slot < SLOTS_PER_HOUR; slot += 1) {
    const arrivals = ordered.map((flow) => {
      const rate = flow.most / SLOTS_PER_HOUR;
      const allowed = Math.min(flow.saved + rate, flow.most - flow.attempted);
      const fromUsers = Math.min(flow.users[slot] ?? 0, Math.max(0, Math.floor(allowed)));
      const due = (Math.min(flow.planned, flow.most) * (slot + 1)) / SLOTS_PER_HOUR - flow.attempted - fromUsers;
      const synthetic = Math.max(0, Math.min(draws.round(Math.max(0, due)), Math.ceil(allowed) - fromUsers));
      flow.saved = Math.min(flow.burst, Math.max(0, flow.saved + rate - fromUsers - synthetic));
      return { flow, fromUsers, synthetic, requests: fromUsers + synthetic };
    });
    let free = room;
    let index = 0;
    while (index < arrivals.length) {
      // Demands of one rank share what is left in proportion.
      const rank = answering.rankOf(ordered[index]?.demand as Demand);
      let end = index;
      let work = 0;
      for (; end < arrivals.length && answering.rankOf(ordered[end]?.demand as Demand) === rank; end += 1) {
        const arrival = arrivals[end];
        if (arrival !== undefined) work += arrival.requests * honestShare(arrival.flow, answering) * answering.costFraction;
      }
      const served = work <= free ? 1 : free / work;
      free = Math.max(0, free - work);
      for (; index < end; index += 1) {
        const arrival = arrivals[index];
        if (arrival !== undefined) answer(arrival, served, answering, draws);
      }
    }
  }
}

function honestShare(flow: Flow, answering: Answering): number {
  return 1 - (answering.junkOf?.(flow.demand) ?? answering.junkFraction);
}

function answer(
  { flow, fromUsers, synthetic, requests }: { flow: Flow; fromUsers: number; synthetic: number; requests: number },
  served: number,
  answering: Answering,
  draws: Draws,
): void {
  const worked = draws.round(requests * honestShare(flow, answering));
  const done = served >= 1 ? worked : Math.min(worked, draws.round(worked * served));
  const over = worked - done;
  const failed = draws.binomial(done, answering.failFraction);
  flow.good += done - failed;
  flow.failed += failed;
  flow.junk += requests - worked;
  flow.attempted += requests;
  flow.synthetic += synthetic;
  if (answering.overflow === "refuse") flow.refused += over;
  if (answering.overflow === "fail") flow.failed += over;
  if (answering.overflow === "junk") flow.junk += over;
  if (answering.overflow === "stall") {
    // Users' requests run into the time-out; probes wait for a slot, and what of them was not sent is counted at the end of the hour.
    const ofUsers = requests > 0 ? Math.min(over, draws.round((over * fromUsers) / requests)) : 0;
    flow.failed += ofUsers;
    flow.attempted -= over - ofUsers;
    flow.synthetic -= over - ofUsers;
    flow.waited += over - ofUsers;
  }
}

/**
 * What a plan could not send because the miner's own requests held its slots counts as refused, but for the end of the hour: those that
 * still hold a slot then have not shown yet how long they take.
 */
function countKeptOut(flow: Flow, draws: Draws): void {
  const unsent = Math.max(0, Math.min(flow.planned, flow.most) - flow.attempted);
  const kept = draws.round(Math.min(unsent, flow.waited) * (1 - UNENDED_FRACTION));
  flow.refused += kept;
  flow.attempted += kept;
}

function tallyOf(flow: Flow, hour: number, declaredUnits: number): PeriodTally {
  const units = flow.task.typicalUnitsPerRequest;
  const ok = flow.good + flow.junk;
  return {
    period: hour,
    declaredCapacityUnits: declaredUnits,
    plannedUnits: flow.planned * units,
    attemptedUnits: flow.attempted * units,
    completedUnits: ok * units,
    rateLimitedUnits: flow.refused * units,
    failedUnits: flow.failed * units,
    requests: flow.attempted,
    okCount: ok,
    rateLimitedCount: flow.refused,
    failedCount: flow.failed,
  };
}

/** When each is judged, in an order by chance: right answers only at first would take hardware for all of them. */
function inLine(samples: readonly AnswerSample[], waitHours: number, draws: Draws): readonly JudgedSample[] {
  const places = samples.map((_, index) => index);
  for (let last = waitHours > 0 ? places.length - 1 : 0; last > 0; last -= 1) {
    const other = Math.floor(draws.next() * (last + 1));
    [places[last], places[other]] = [places[other] ?? 0, places[last] ?? 0];
  }
  return samples.map((sample, index) => ({
    ...sample,
    judgedAtHour: sample.period + (waitHours * ((places[index] ?? 0) + 1)) / samples.length,
  }));
}

function samplesOf(flow: Flow, hour: number, answering: Answering, draws: Draws): readonly AnswerSample[] {
  const { task, good, junk } = flow;
  const samples: AnswerSample[] = [];
  for (let index = 0; index < good + junk; index += 1) {
    const selection = { isBigDraw: flow.isBigDraw, expectedAnswers: flow.planned, pendingOfTask: 0, pendingOfMiner: 0, draw: draws.next() };
    if (decideCheck(selection, defaultCheckParams) !== "check") continue;
    const isRight = index < good && draws.next() < answering.passFraction;
    const pace = answering.speed * (0.95 + 0.1 * draws.next());
    const firstTokenMs = task.target.firstTokenMs / pace;
    const units = task.typicalUnitsPerRequest;
    const durationMs = firstTokenMs + (units * 1000) / task.target.unitsPerSecond / pace;
    samples.push({ period: hour, qualityFraction: isRight ? 1 : 0, firstTokenMs, durationMs, units });
  }
  return samples;
}
