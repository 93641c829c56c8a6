import type { BackendHealth, InferenceBackend } from "../backends/inference-backend.js";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/logger.js";
import type { ServedTask } from "./settings.js";

/** Knows which backends have a chance at the moment. */
export type BackendWatch = {
  /** True until a check has found otherwise. */
  isHealthy(backend: InferenceBackend): boolean;
  /** Begins to ask every backend for its health, again and again, until `stop`. */
  start(): void;
  stop(): void;
};

/** Whom a watch asks. */
export type BackendWatchOptions = {
  readonly servedTasks: ReadonlyMap<string, ServedTask>;
  readonly clock: Clock;
  readonly logger: Logger;
};

const HEALTHY_INTERVAL_MS = 15_000;
const ILL_INTERVAL_MS = 5_000; // back within seconds of the server
const CHECK_TIMEOUT_MS = 5_000;
const FAILURES_UNTIL_AWAY = 2; // a busy server may miss one

type Watched = {
  readonly backend: InferenceBackend;
  readonly taskIds: readonly string[];
  readonly models: readonly string[];
  /** Null before the first check. */
  isHealthy: boolean | null;
  failures: number;
};

/** Asks the backends that can say how they are; one that cannot counts as healthy. */
export function createBackendWatch({ servedTasks, clock, logger }: BackendWatchOptions): BackendWatch {
  const watched = new Map<InferenceBackend, Watched>();
  for (const backend of new Set([...servedTasks.values()].map((task) => task.backend))) {
    if (backend.checkHealth === undefined) continue;
    const tasks = [...servedTasks.values()].filter((task) => task.backend === backend);
    const models = tasks.flatMap(({ model, definition }) => model ?? definition?.model ?? []);
    watched.set(backend, { backend, taskIds: tasks.map(({ id }) => id), models: [...new Set(models)], isHealthy: null, failures: 0 });
  }
  const cancels = new Map<Watched, () => void>();
  let isRunning = false;

  const check = async (one: Watched): Promise<void> => {
    const health = await ask(one, clock);
    if (!isRunning) return;
    one.failures = health.isHealthy ? 0 : one.failures + 1;
    const facts = { backend: one.backend.name, tasks: one.taskIds };
    if (health.isHealthy) {
      if (one.isHealthy === null && health.detail !== undefined) logger.info("A backend answers", { ...facts, detail: health.detail });
      if (one.isHealthy === false) logger.info("A backend is back; its tasks are offered again", facts);
      one.isHealthy = true;
    } else if (one.isHealthy !== false && (one.isHealthy === null || one.failures >= FAILURES_UNTIL_AWAY)) {
      logger.warn("A backend is away; its tasks are not offered until it is back", { ...facts, detail: health.detail ?? null });
      one.isHealthy = false;
    }
    cancels.set(
      one,
      clock.setTimer(one.failures === 0 ? HEALTHY_INTERVAL_MS : ILL_INTERVAL_MS, () => void check(one)),
    );
  };

  return {
    isHealthy: (backend) => watched.get(backend)?.isHealthy !== false,
    start() {
      if (isRunning) return;
      isRunning = true;
      for (const one of watched.values()) void check(one);
    },
    stop() {
      isRunning = false;
      for (const cancel of cancels.values()) cancel();
      cancels.clear();
    },
  };
}

/** What a backend says of itself; ill when it says nothing in time, whatever it does with the signal. */
async function ask({ backend, models }: Watched, clock: Clock): Promise<BackendHealth> {
  const controller = new AbortController();
  let cancelTimer = () => {};
  const late = new Promise<BackendHealth>((resolve) => {
    cancelTimer = clock.setTimer(CHECK_TIMEOUT_MS, () => {
      controller.abort();
      resolve({ isHealthy: false, detail: `no answer within ${CHECK_TIMEOUT_MS} ms` });
    });
  });
  try {
    const answer = backend.checkHealth?.({ signal: controller.signal, models }) ?? { isHealthy: true };
    return await Promise.race([answer, late]);
  } catch (error) {
    return { isHealthy: false, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    cancelTimer();
  }
}
