import { canEmbeddedCheck } from "@vision/checking";
import { type Task, VisionError } from "@vision/protocol";
import type { Verdict } from "@vision/scoring";
import type { ReferenceSettings } from "../config/index.js";
import type { Clock, Logger, Reference, ReferenceModel } from "../ports/index.js";
import type { Service } from "../services/supervise.js";
import { createKnownAnswers } from "./known-answers.js";
import { createReferenceBench } from "./reference-bench.js";
import {
  agree,
  type CheckInput,
  isGood,
  isJudged,
  type Judged,
  MOST_DIFFERENCE,
  type ReferenceMember,
  type ReferenceMetrics,
  unavailable,
} from "./reference-member.js";
import { createReferenceMembers } from "./reference-members.js";
import { withinLimit } from "./within-limit.js";

/** Every so manieth answer that one reference finds right is shown to another one, too. */
const COMPARED_EVERY = 16;
/** After two have disagreed, so many answers are shown to both, whoever's they are. */
const COMPARED_AFTER_DISPUTE = 8;
/** Of those, so many disagreements are no matter of single answers any more. */
const MOST_DISPUTES = 4;
/** One that found an answer right this lately has the right model. */
const FRESH_MS = 300_000;
/** One that takes longer, where another can take its place, has failed. */
const SLOW_MS = 60_000;

/** Whether the models that the settings name, or the embedded ones, can judge the task's answers. */
export function canBeChecked(task: Task, settings: readonly ReferenceSettings[]): boolean {
  const isNamed = settings.some(({ tasks }) => tasks.includes(task.id));
  return (isNamed && task.check.kind === "teacher-forcing") || canEmbeddedCheck(task);
}

/** What references work with. */
export type ReferencesDependencies = {
  readonly embedded: Reference;
  /** Makes a reference's model. All are closed with the references, and so is `embedded`. */
  readonly createModel: (settings: ReferenceSettings) => ReferenceModel;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  readonly logger: Logger;
  readonly metrics: ReferenceMetrics;
};

/** References that can be changed while they are asked. */
export type References = Reference & {
  /** Looks after them: asks them known questions, and takes back what was taken out. */
  readonly watch: Service;
  /** Goes by these settings from now on. Models that are named as before stay as they are, whatever their tasks; others are closed when idle. */
  use(settings: readonly ReferenceSettings[]): void;
};

/**
 * All references as one: a task's answers go to the models that the settings name for it, those of other tasks to the embedded ones.
 *
 * Of several for one task the least busy one is asked; where it fails or is slow, the others are. A check rejects, as
 * `REFERENCE_UNAVAILABLE`, where all of them do.
 *
 * No reference alone makes an answer worthless. Where there are several, a second one has to agree; where two disagree, a third decides, and
 * else what is known from earlier does: whoever finds that wrong is taken out, and whoever finds it right stays, because miners can write answers that two
 * good models see differently. Where nothing tells who is right the answer is inconclusive, and two that disagree time and again while nothing is known
 * are both taken out. Where there is one, it must have found an answer of the task right a short while ago, or
 * finds one right that it found right before.
 */
export function createReferences(initial: readonly ReferenceSettings[], dependencies: ReferencesDependencies): References {
  const { embedded, clock, metrics } = dependencies;
  const waiting = new Set<() => void>();
  const wakeAll = () => {
    for (const wake of [...waiting]) wake();
  };
  const members = createReferenceMembers(initial, { ...dependencies, onRoom: wakeAll });
  const known = createKnownAnswers();
  const bench = createReferenceBench({ members: members.all, known, clock });
  /** By task: answers until the next comparison, and the outcomes of the last ones. */
  const comparisons = new Map<string, { untilNext: number; last: boolean[] }>();

  metrics.referenceUp.measureAll(() =>
    members.all().map((member) => ({ value: member.isOut() || member.restsUntilMs() > 0 ? 0 : 1, labels: { reference: member.label() } })),
  );

  const comparisonsOf = (taskId: string) => {
    const found = comparisons.get(taskId) ?? { untilNext: COMPARED_EVERY, last: [] };
    comparisons.set(taskId, found);
    return found;
  };

  /** Asks one; where others could take its place, for a limited time. */
  async function askMember(member: ReferenceMember, input: CheckInput, limitMs: number | null): Promise<Verdict> {
    const { signal } = input;
    try {
      if (limitMs === null) return await member.ask(input);
      return await withinLimit((ending) => member.ask({ ...input, signal: ending }), { limitMs, clock, signal });
    } catch (error) {
      signal.throwIfAborted();
      const failure = unavailable(member.name(), error);
      if (failure !== error) member.rest(failure);
      // Those that wait for others look again: where all have failed, any that has room is asked.
      wakeAll();
      throw failure;
    }
  }

  /** The least busy one that has room; those that failed lately only where all did. Null while none has. */
  function findFree(left: ReadonlySet<ReferenceMember>): ReferenceMember | null {
    const able = [...left].filter((member) => member.restsUntilMs() === 0);
    const free = (able.length > 0 ? able : [...left]).filter((member) => member.hasRoom());
    return free.length === 0 ? null : free.reduce((best, member) => (isBefore(member, best) ? member : best));
  }

  /** Resolves when one has room or has failed, or the settings have changed. */
  function untilRoom(signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const end = (settle: () => void) => () => {
        waiting.delete(wake);
        signal.removeEventListener("abort", leave);
        settle();
      };
      const wake = end(resolve);
      const leave = end(() => reject(signal.reason));
      waiting.add(wake);
      signal.addEventListener("abort", leave, { once: true });
      if (signal.aborted) leave();
    });
  }

  /** The first verdict of those that can be had. */
  async function askAny(candidates: readonly ReferenceMember[], input: CheckInput) {
    const left = new Set(candidates.filter((member) => !member.isOut()));
    if (left.size === 0) throw allOut(input.task);
    for (;;) {
      for (const member of left) if (member.isGone()) left.delete(member);
      if (left.size === 0) throw allGone(input.task);
      const member = findFree(left);
      if (member === null) {
        await untilRoom(input.signal);
        continue;
      }
      left.delete(member);
      try {
        return { member, verdict: await askMember(member, input, left.size > 0 ? SLOW_MS : null) };
      } catch (error) {
        input.signal.throwIfAborted();
        // Where no other can take its place, whoever asked tells of it.
        if ([...left].every((other) => other.isGone())) throw error;
        member.tellFailure();
      }
    }
  }

  /** What another one says; null where none has a verdict. */
  async function askAnother(candidates: readonly ReferenceMember[], input: CheckInput) {
    const able = candidates.filter((member) => !member.isOut() && member.restsUntilMs() === 0);
    if (able.length === 0) return null;
    const found = await askAny(able, input).catch((error: unknown) => {
      input.signal.throwIfAborted();
      if (!VisionError.isInstance(error, "REFERENCE_UNAVAILABLE")) throw error;
      return null;
    });
    return found !== null && isJudged(found.verdict) ? { member: found.member, verdict: found.verdict } : null;
  }

  /** A reference that is alone with its verdict. */
  async function believeOne(member: ReferenceMember, verdict: Judged, input: CheckInput): Promise<Verdict> {
    const { id } = input.task;
    if (isGood(verdict)) return verdict;
    const goodAtMs = member.lastGoodMs(id);
    if (goodAtMs !== null && clock.monotonicMs() - goodAtMs < FRESH_MS) return verdict;
    const truth = await known.test(member, id, input.signal);
    if (truth === "right") return verdict;
    if (truth === "unknown") return { kind: "inconclusive", reason: "the reference has found no answer of the task right yet" };
    bench.takeOut(member, id);
    throw allOut(input.task);
  }

  /** Two that disagree, and a third one or what is known. */
  async function settleDispute(
    [one, other]: readonly [Opinion, Opinion],
    candidates: readonly ReferenceMember[],
    input: CheckInput,
  ): Promise<Verdict> {
    for (const { member } of [one, other]) metrics.referenceDisagreementsTotal.inc({ reference: member.label() });
    const third = await askAnother(
      candidates.filter((member) => member !== one.member && member !== other.member),
      input,
    );
    if (third !== null) {
      const [minority, verdict] = agree(third.verdict, one.verdict) ? [other, one.verdict] : [one, other.verdict];
      if (!agree(third.verdict, verdict)) return undecided;
      // One answer may be made for it to see otherwise. Where it fails now it is left alone for a while anyway.
      const truth = await known.test(minority.member, input.task.id, input.signal).catch(() => null);
      input.signal.throwIfAborted();
      if (truth === "wrong") bench.takeOut(minority.member, input.task.id);
      if (truth === "unknown") {
        const proof = { question: input, qualityFraction: verdict.qualityFraction, tolerance: MOST_DIFFERENCE };
        bench.takeOut(minority.member, input.task.id, proof);
      }
      return verdict;
    }
    const truths = await Promise.all([one, other].map(({ member }) => known.test(member, input.task.id, input.signal)));
    const [isOneWrong, isOtherWrong] = truths.map((truth) => truth === "wrong");
    if (isOneWrong) bench.takeOut(one.member, input.task.id);
    if (isOtherWrong) bench.takeOut(other.member, input.task.id);
    if (isOneWrong !== isOtherWrong) return isOneWrong ? other.verdict : one.verdict;
    const { last } = comparisonsOf(input.task.id);
    if (truths.every((truth) => truth === "unknown") && last.filter((didAgree) => !didAgree).length >= MOST_DISPUTES) {
      last.length = 0;
      bench.takeOutBoth([one.member, other.member], input);
    }
    return undecided;
  }

  async function believe(first: Opinion, candidates: readonly ReferenceMember[], input: CheckInput): Promise<Verdict> {
    const { member, verdict } = first;
    const compared = comparisonsOf(input.task.id);
    compared.untilNext -= 1;
    if (isGood(verdict) && compared.untilNext > 0) return verdict;
    const second = await askAnother(
      candidates.filter((each) => each !== member),
      input,
    );
    if (second === null) return believeOne(member, verdict, input);
    const isAgreed = agree(verdict, second.verdict);
    compared.last.push(isAgreed);
    compared.last.splice(0, compared.last.length - COMPARED_AFTER_DISPUTE);
    if (compared.untilNext <= 0) compared.untilNext = compared.last.includes(false) ? 1 : COMPARED_EVERY;
    if (isAgreed) return verdict;
    compared.untilNext = 1;
    return settleDispute([first, second], candidates, input);
  }

  return {
    canCheck: (task) => canBeChecked(task, members.settings()),
    async check(input) {
      const candidates = members.all().filter((member) => member.hasTask(input.task.id));
      if (candidates.length === 0) return embedded.check(input);
      const { member, verdict } = await askAny(candidates, input);
      if (!isJudged(verdict)) return verdict;
      const believed = await believe({ member, verdict }, candidates, input);
      known.note(input, believed);
      return believed;
    },
    async write(request) {
      const candidates = members.all().filter((member) => member.hasTask(request.task.id));
      if (candidates.length === 0) return embedded.write?.(request) ?? null;
      // Answers that wait for a check come first: only one that has nothing to do writes.
      const idle = candidates.find((member) => !member.isOut() && member.restsUntilMs() === 0 && member.loadFraction() === 0);
      return idle?.write(request) ?? null;
    },
    watch: bench.watch,
    use(settings) {
      for (const taskId of members.use(settings)) {
        // Another model thinks otherwise of what is known.
        known.forget(taskId);
        comparisons.delete(taskId);
      }
      // Who waits for one that is gone now has nothing to wait for.
      wakeAll();
    },
    async close() {
      await Promise.all([embedded.close(), members.close()]);
    },
  };
}

type Opinion = { readonly member: ReferenceMember; readonly verdict: Judged };

const undecided: Verdict = { kind: "inconclusive", reason: "two references disagree about the answer, and nothing tells which is right" };

/** Of two that have room: the one that failed longer ago, then the less busy one for its size. */
function isBefore(one: ReferenceMember, other: ReferenceMember): boolean {
  return (one.restsUntilMs() - other.restsUntilMs() || one.loadFraction() - other.loadFraction()) < 0;
}

function allOut({ id }: Task): VisionError {
  return new VisionError({
    code: "REFERENCE_UNAVAILABLE",
    message: `Every reference of ${id} judges answers wrong that are known, or disagrees with the others.`,
    hint: "Look at their models: the same weights as the task's? `vision-validator doctor` asks each of them.",
    facts: { task: id },
  });
}

function allGone({ id }: Task): VisionError {
  return new VisionError({
    code: "REFERENCE_UNAVAILABLE",
    message: `The references that an answer of ${id} waited for are no longer named; it is shown to those that are.`,
    facts: { task: id },
  });
}
