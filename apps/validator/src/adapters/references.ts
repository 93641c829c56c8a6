import { isDeepStrictEqual } from "node:util";
import { canEmbeddedCheck, checkTextRequest } from "@vision/checking";
import { type Task, VisionError } from "@vision/protocol";
import type { ReferenceSettings } from "../config/index.js";
import type { Clock, Logger, Reference, ReferenceModel } from "../ports/index.js";
import { createSteadyState, type SteadyState } from "../services/steady-state.js";

type CheckInput = Parameters<Reference["check"]>[0];

/** A model that failed is left alone for so long where another one can take its place. */
const REST_MS = 30_000;
/** One that comes and goes is told at most twice in this time. */
const STEADY_MS = 60_000;

/** One of the references. */
type Member = {
  readonly settings: ReferenceSettings;
  name: string;
  tasks: ReadonlySet<string>;
  /** No longer named: it is closed when nothing is under way there. */
  isLeaving: boolean;
  readonly model: ReferenceModel;
  underWay: number;
  restsUntilMs: number;
  lastError: unknown;
  readonly told: SteadyState<"works" | "fails">;
};

/** Whether the models that the settings name, or the embedded ones, can judge the task's answers. */
export function canBeChecked(task: Task, settings: readonly ReferenceSettings[]): boolean {
  const isNamed = settings.some(({ tasks }) => tasks.includes(task.id));
  return (isNamed && task.check.kind === "teacher-forcing") || canEmbeddedCheck(task);
}

/** What a reference is called in logs. */
function nameOfReference({ kind, tasks }: ReferenceSettings): string {
  return `${kind} for ${tasks.join(", ")}`;
}

/** References that can be changed while they are asked. */
export type References = Reference & {
  /** Goes by these settings from now on. Models that are named as before stay as they are, whatever their tasks; others are closed when idle. */
  use(settings: readonly ReferenceSettings[]): void;
};

/**
 * All references as one: a task's answers go to the models that the settings name for it, those of other tasks to the embedded ones.
 *
 * Of several for one task the one with the fewest checks under way is asked; where it fails, the others are. A check rejects, as
 * `REFERENCE_UNAVAILABLE`, where all of them do.
 *
 * @param createModel - Makes a reference's model. All are closed with it, and so is `embedded`.
 */
export function createReferences(
  initial: readonly ReferenceSettings[],
  dependencies: {
    readonly embedded: Reference;
    readonly createModel: (settings: ReferenceSettings) => ReferenceModel;
    readonly clock: Pick<Clock, "monotonicMs">;
    readonly logger: Logger;
  },
): References {
  const { embedded, createModel, clock, logger } = dependencies;
  let settings = initial;
  /** All whose model is not closed yet, those that are leaving among them. */
  const open = new Set<Member>();
  const closings = new Set<Promise<void>>();
  let members = settings.map(createMember);
  const membersOf = ({ id }: Task) => members.filter(({ tasks }) => tasks.has(id));

  function createMember(each: ReferenceSettings): Member {
    const name = nameOfReference(each);
    const member: Member = {
      ...{ settings: each, name, tasks: new Set(each.tasks), isLeaving: false, model: createModel(each) },
      ...{ underWay: 0, restsUntilMs: Number.NEGATIVE_INFINITY, lastError: null },
      told: createSteadyState<"works" | "fails">({
        ...{ initial: "works", steadyMs: STEADY_MS, clock },
        tell(state) {
          if (state === "works") logger.info("A reference works again", { reference: member.name });
          else logger.warn("A reference does not work; others take its answers", { reference: member.name, error: member.lastError });
        },
      }),
    };
    open.add(member);
    return member;
  }

  async function ask(member: Member, input: CheckInput) {
    member.underWay += 1;
    try {
      const verdict = await checkTextRequest(input, member.model);
      member.restsUntilMs = Number.NEGATIVE_INFINITY;
      member.told.note("works");
      return verdict;
    } catch (error) {
      input.signal.throwIfAborted();
      member.restsUntilMs = clock.monotonicMs() + REST_MS;
      throw unavailable(member.name, error);
    } finally {
      member.underWay -= 1;
      closeIfLeft(member);
    }
  }

  function closeIfLeft(member: Member): void {
    const { isLeaving, underWay, name, model } = member;
    if (!isLeaving || underWay > 0 || !open.delete(member)) return;
    const warn = (error: unknown) => logger.warn("A reference that is no longer named could not be closed", { reference: name, error });
    const closing = model
      .close()
      .catch(warn)
      .finally(() => closings.delete(closing));
    closings.add(closing);
  }

  function use(next: readonly ReferenceSettings[]): void {
    const free = new Set(members);
    settings = next;
    members = next.map((each) => {
      const kept = [...free].find((member) => isSameModel(member.settings, each));
      if (kept === undefined) return createMember(each);
      free.delete(kept);
      kept.name = nameOfReference(each);
      kept.tasks = new Set(each.tasks);
      return kept;
    });
    for (const member of free) {
      member.isLeaving = true;
      closeIfLeft(member);
    }
  }

  return {
    canCheck: (task) => canBeChecked(task, settings),
    async check(input) {
      const candidates = membersOf(input.task);
      if (candidates.length === 0) return embedded.check(input);
      const left = new Set(candidates);
      for (;;) {
        const member = chooseNext([...left], clock.monotonicMs());
        left.delete(member);
        try {
          return await ask(member, input);
        } catch (error) {
          input.signal.throwIfAborted();
          for (const other of left) if (other.isLeaving) left.delete(other);
          // Where no other can take its place, whoever asked tells of it.
          if (left.size === 0) throw error;
          member.lastError = error;
          member.told.note("fails");
        }
      }
    },
    use,
    async close() {
      await Promise.all([embedded.close(), ...[...open].map(({ model }) => model.close()), ...closings]);
    },
  };
}

/** Whether two settings name the same model, for whichever tasks. */
function isSameModel(one: ReferenceSettings, other: ReferenceSettings): boolean {
  return isDeepStrictEqual({ ...one, tasks: [] }, { ...other, tasks: [] });
}

/** The least busy of those that did not fail lately; where all did, the one that failed longest ago. */
function chooseNext(members: readonly Member[], nowMs: number): Member {
  const restOf = ({ restsUntilMs }: Member) => (restsUntilMs > nowMs ? restsUntilMs : 0);
  return members.reduce((best, member) => {
    const difference = restOf(member) - restOf(best) || member.underWay - best.underWay;
    return difference < 0 ? member : best;
  });
}

function unavailable(name: string, cause: unknown): VisionError {
  if (VisionError.isInstance(cause, "REFERENCE_UNAVAILABLE")) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new VisionError({
    code: "REFERENCE_UNAVAILABLE",
    message: `The reference ${name} does not work at the moment: ${reason}`,
    facts: { reference: name },
    cause,
  });
}
