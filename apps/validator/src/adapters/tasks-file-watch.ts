import { isDeepStrictEqual } from "node:util";
import { findMissingPackages } from "@vision/checking";
import type { TaskRegistry } from "@vision/protocol";
import { readTaskSettings, type TaskBase, type TaskSettings } from "../config/index.js";
import type { Clock, Logger, TaskSource } from "../ports/index.js";
import type { Service } from "../services/supervise.js";

/** Small as the file is, a look costs far less than a millisecond; and no two file systems tell of changes alike. */
const LOOK_EVERY_MS = 5_000;

/** A watched file of tasks. */
export type TasksFileWatch = TaskSource &
  Service & {
    /** Reads the file now and says what became of it, also where nothing did. Resolves when that is done. */
    look(): Promise<void>;
  };

/**
 * Reads a file of tasks again and again while the validator runs. What is good is offered from then on, as a whole; what is not is refused
 * with everything that is wrong with it, told once, and the tasks stay as they are.
 *
 * @param initial - The tasks in force.
 */
export function createTasksFileWatch(
  { path, base, initial }: { readonly path: string; readonly base: TaskBase; readonly initial: TaskSettings },
  dependencies: {
    /** Called when the period has begun in which these tasks hold. */
    readonly onTaken: (settings: TaskSettings) => void;
    readonly clock: Clock;
    readonly logger: Logger;
  },
): TasksFileWatch {
  const { onTaken, clock, logger } = dependencies;
  let inForce = initial;
  let newest = initial;
  let toldProblems: unknown = null;
  let lastProblems: unknown = null;
  let reading: Promise<void> = Promise.resolve();

  /** One look after another. */
  function look(wasAsked: boolean): Promise<void> {
    const readNow = () => readAgain(wasAsked);
    reading = reading.then(readNow, readNow);
    return reading;
  }

  async function readAgain(wasAsked: boolean): Promise<void> {
    const read = await readTaskSettings(path, base);
    const missing = read.kind === "read" && base.areModelsHere !== false ? findMissingPackages(read.settings.references) : [];
    const notInstalled = missing.map((name) => ({ where: path, message: `references of kind gguf need a package: npm install ${name}` }));
    const problems = read.kind === "read" ? notInstalled : read.problems;
    if (read.kind === "refused" || problems.length > 0) {
      // A file that is being written is half there: what one look alone has found is no mistake yet.
      const isSettled = isDeepStrictEqual(problems, lastProblems);
      lastProblems = problems;
      if (!wasAsked && (!isSettled || isDeepStrictEqual(problems, toldProblems))) return;
      toldProblems = problems;
      logger.error("The file of tasks is refused; the tasks stay as they are", { file: path, problems });
      return;
    }
    const isMended = toldProblems !== null;
    toldProblems = null;
    lastProblems = null;
    if (isDeepStrictEqual(read.settings, newest)) {
      if (wasAsked || isMended) logger.info("The file of tasks is good and changes nothing", { file: path });
      return;
    }
    newest = isDeepStrictEqual(read.settings, inForce) ? inForce : read.settings;
    if (newest === inForce) logger.info("The tasks stay as they are after all", { file: path });
    else logger.info("The tasks change with the next period", { file: path, ...describeChange(inForce, newest) });
  }

  return {
    name: "tasks-file",
    next() {
      if (newest === inForce) return null;
      const setup = newest;
      return {
        setup,
        takeUp() {
          logger.info("The tasks have changed", describeChange(inForce, setup));
          inForce = setup;
          onTaken(setup);
        },
      };
    },
    look: () => look(true),
    async run(signal) {
      while (!signal.aborted) {
        await look(false);
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
    },
  };
}

/** What of the tasks is other than before, by id. */
function describeChange(before: TaskSettings, after: TaskSettings) {
  const isOn = (registry: TaskRegistry, id: string) => registry.get(id)?.isEnabled === true;
  const ids = [...new Set([...before.registry.keys(), ...after.registry.keys()])].sort();
  const switched = (from: TaskSettings, to: TaskSettings) => ids.filter((id) => !isOn(from.registry, id) && isOn(to.registry, id));
  const changed = ids.filter(
    (id) => isOn(before.registry, id) && isOn(after.registry, id) && !isDeepStrictEqual(before.registry.get(id), after.registry.get(id)),
  );
  return {
    ...{ on: switched(before, after), off: switched(after, before), changed },
    areReferencesChanged: !isDeepStrictEqual(before.references, after.references),
    areSharesChanged: !isDeepStrictEqual(before.taskWeights, after.taskWeights),
  };
}
