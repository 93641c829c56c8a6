import { isDeepStrictEqual } from "node:util";
import { enabledTasks, type Task, type TaskRegistry } from "@vision/protocol";
import type { CheckTerms } from "../domain/records/index.js";
import type { CheckStore, Logger, Reference, TaskSource } from "../ports/index.js";
import type { CheckScope } from "./checker.js";
import type { DependencyGuard } from "./dependency-guard.js";

/** What a watch works with. */
export type TermsWatchDependencies = {
  /** Of this program. */
  readonly version: string;
  /** Tasks as they hold here at the moment. */
  readonly registry: () => TaskRegistry;
  /** Changes of them, each taken up as soon as the validator's tasks are those, or are no longer those that hold here. */
  readonly tasks: TaskSource;
  readonly store: Pick<CheckStore, "getCheckTerms">;
  readonly reference: Pick<Reference, "canCheck">;
  readonly guard: DependencyGuard;
  readonly logger: Logger;
};

/** Which of a validator's answers this process would judge exactly as the validator: none where it knows too little. */
export type TermsWatch = {
  read(signal: AbortSignal): Promise<CheckScope | null>;
  /** How many tasks the last look found; 0 before the first. */
  taskCount(): number;
};

/** What a look found, in words for the log, too. */
type Found = {
  readonly scope: CheckScope | null;
  readonly level: "info" | "warn";
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
};

const asPlainData = (task: Task): unknown => JSON.parse(JSON.stringify(task));

/** The validator's tasks as they are here; null for one that is not there or is another one. */
function ownOf(terms: CheckTerms, registry: TaskRegistry): ReadonlyMap<string, Task | null> {
  const own = new Map(enabledTasks(registry).map((task) => [task.id, task]));
  return new Map(
    Object.entries(terms.tasks).map(([id, stored]) => {
      const task = own.get(id);
      return [id, task !== undefined && isDeepStrictEqual(stored, asPlainData(task)) ? task : null];
    }),
  );
}

function areOwn(terms: CheckTerms, registry: TaskRegistry): boolean {
  return [...ownOf(terms, registry).values()].every((task) => task !== null);
}

function judgeTerms(terms: CheckTerms | null, { version, registry, reference }: TermsWatchDependencies): Found {
  if (terms === null) {
    const message = "No validator of this version has used the database yet; nothing is checked until one does";
    return { scope: null, level: "warn", message, facts: { version } };
  }
  const { validator } = terms;
  if (terms.version !== version) {
    const message = "The validator's program is of another version, so its answers are left to others; install the same version here";
    return { scope: null, level: "warn", message, facts: { version, validatorVersion: terms.version } };
  }
  const own = ownOf(terms, registry());
  const tasks: string[] = [];
  const otherwise: string[] = [];
  const withoutReference: string[] = [];
  for (const [id, task] of own) {
    if (task === null) otherwise.push(id);
    else if (reference.canCheck(task)) tasks.push(id);
    else withoutReference.push(id);
  }
  const scope = { validator, tasks };
  if (otherwise.length === 0) {
    const message = tasks.length === 0 ? "None of the validator's tasks can be checked here" : "The validator's answers are checked here";
    return { scope, level: tasks.length === 0 ? "warn" : "info", message, facts: { validator, tasks, leftToOthers: withoutReference } };
  }
  const message =
    "The validator has other settings of some tasks, whose answers are left to others; use the same taskChanges and the same file of tasks";
  return { scope, level: "warn", message, facts: { validator, tasks, otherwise, leftToOthers: withoutReference } };
}

/** Compares what the validator has set with this program; says so when the outcome changes. */
export function createTermsWatch(dependencies: TermsWatchDependencies): TermsWatch {
  const { store, tasks, registry, guard, logger } = dependencies;
  let last: Found | null = null;
  return {
    async read(signal) {
      const terms = await guard.untilUp("store", () => store.getCheckTerms(), signal);
      const next = tasks.next();
      if (terms !== null && next !== null && (areOwn(terms, next.setup.registry) || !areOwn(terms, registry()))) next.takeUp();
      const found = judgeTerms(terms, dependencies);
      if (!isDeepStrictEqual(found, last)) logger[found.level](found.message, found.facts);
      last = found;
      return found.scope;
    },
    taskCount: () => last?.scope?.tasks?.length ?? 0,
  };
}
