import type { Clock } from "../ports/index.js";
import type { Service } from "../services/supervise.js";
import { type KnownAnswers, type KnownQuestion, truthOf } from "./known-answers.js";
import { knowsText } from "./known-text.js";
import { agree, isJudged, type Question, type ReferenceMember } from "./reference-member.js";
import { withinLimit } from "./within-limit.js";

/** Those that do not work, or judge wrong, are tried so often. */
const TRIED_EVERY_MS = 30_000;
/** Those that work are asked what is known so often. */
const ASKED_EVERY_MS = 600_000;

/** Longest look: a large model file is hashed and read whole before its first answer. */
const LOOK_MS = 600_000;

/** Where references are that are asked nothing that counts, and what they are looked after with. */
export type ReferenceBench = {
  /** Until it judges right what it judged wrong: what is known of the task unless another question is given. */
  takeOut(member: ReferenceMember, taskId: string, proof?: KnownQuestion): void;
  /** Until both agree about it; where one is removed meanwhile, until the other one judges right what is known. */
  takeOutBoth(pair: readonly [ReferenceMember, ReferenceMember], question: Question): void;
  /** Asks all at the start, and then now and then. */
  readonly watch: Service;
};

/** What has to become so, for one to be taken back. */
type Way = (signal: AbortSignal) => Promise<boolean>;

/** An empty bench. */
export function createReferenceBench({
  members,
  known,
  clock,
}: {
  readonly members: () => readonly ReferenceMember[];
  readonly known: KnownAnswers;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
}): ReferenceBench {
  const waysBack = new WeakMap<ReferenceMember, Way>();
  const askedAtMs = new WeakMap<ReferenceMember, number>();

  /** The first of its tasks of which a member judges wrong what is known, of a text that any model knows where nothing is; null where it judges right. */
  async function findWrong(member: ReferenceMember, signal: AbortSignal): Promise<string | null> {
    const { tasks } = member.settings();
    let isAnyRight = false;
    for (const taskId of tasks) {
      const truth = await known.test(member, taskId, signal);
      if (truth === "wrong") return taskId;
      isAnyRight ||= truth === "right";
    }
    return isAnyRight || (await knowsText(member.model, signal)).isKnown ? null : (tasks[0] ?? "");
  }

  function takeOut(member: ReferenceMember, taskId: string, proof?: KnownQuestion): void {
    const way: Way =
      proof === undefined
        ? async (signal) => (await findWrong(member, signal)) === null
        : async (signal) => truthOf(await member.ask({ ...proof.question, signal }), proof) === "right";
    waysBack.set(member, way);
    const what = proof === undefined ? "an answer that is known" : "an answer otherwise than two others";
    member.takeOut(`it judged ${what}, of ${taskId}`);
  }

  async function look(member: ReferenceMember, signal: AbortSignal): Promise<void> {
    const nowMs = clock.monotonicMs();
    const way = waysBack.get(member);
    if (way !== undefined) {
      if (!(await way(signal))) return;
      waysBack.delete(member);
      return member.takeBack();
    }
    if (member.restsUntilMs() === 0 && nowMs - (askedAtMs.get(member) ?? Number.NEGATIVE_INFINITY) < ASKED_EVERY_MS) return;
    const wrongTaskId = await findWrong(member, signal);
    if (wrongTaskId !== null) return takeOut(member, wrongTaskId);
    askedAtMs.set(member, nowMs);
    member.tellWorks();
  }

  async function lookAgain(member: ReferenceMember, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !member.isGone()) {
      await withinLimit((ending) => look(member, ending), { limitMs: LOOK_MS, clock, signal }).catch((error: unknown) => {
        signal.throwIfAborted();
        member.rest(error);
        member.tellFailure();
      });
      await clock.sleep(TRIED_EVERY_MS, signal);
    }
  }

  return {
    takeOut,
    takeOutBoth([one, other], question) {
      const wayOf = (self: ReferenceMember) => async (signal: AbortSignal) => {
        if ([one, other].some((member) => member.isGone())) return (await findWrong(self, signal)) === null;
        const [first, second] = await Promise.all([one, other].map((member) => member.ask({ ...question, signal })));
        if (first === undefined || second === undefined || !isJudged(first) || !isJudged(second)) return false;
        return agree(first, second);
      };
      for (const member of [one, other]) {
        waysBack.set(member, wayOf(member));
        member.takeOut(`it and ${member === one ? other.label() : one.label()} disagree about answers, and nothing tells which is right`);
      }
    },
    watch: {
      name: "reference watch",
      async run(signal) {
        // Each on its own: one that hangs keeps nobody from looking at the others.
        const looks = new Map<ReferenceMember, Promise<void>>();
        try {
          for (;;) {
            for (const member of members())
              if (!looks.has(member))
                looks.set(
                  member,
                  lookAgain(member, signal).catch(() => undefined),
                );
            for (const member of looks.keys()) if (member.isGone()) looks.delete(member);
            await clock.sleep(TRIED_EVERY_MS, signal);
          }
        } finally {
          await Promise.all(looks.values());
        }
      },
    },
  };
}
