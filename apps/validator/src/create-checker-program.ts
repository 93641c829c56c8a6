import { createMetrics, programVersion } from "@vision/program";
import { createSystemClock } from "./adapters/clock.js";
import { checkerMetricDefinitions } from "./adapters/metrics/index.js";
import { connectPostgresStore } from "./adapters/postgres/index.js";
import { createTasksFileWatch } from "./adapters/tasks-file-watch.js";
import type { CheckerConfig, TaskSettings } from "./config/index.js";
import { createMetricsServer } from "./gateway/index.js";
import { openReferences } from "./open-references.js";
import type { Logger } from "./ports/index.js";
import { createChecker } from "./services/checker.js";
import { createDependencyGuard } from "./services/dependency-guard.js";
import { supervise } from "./services/supervise.js";
import { createTermsWatch } from "./services/terms-watch.js";

/** What {@link runChecker} is given. */
export type RunCheckerOptions = {
  readonly config: CheckerConfig;
  readonly logger: Logger;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Bundled entry of a reference model's process; null to run models here. */
  readonly moduleUrl: URL | null;
};

/**
 * Checks a validator's answers from the database that it works on, beside it and beside others, until the signal aborts; then gives back
 * what it has claimed. Needs no key and speaks to nobody but the database and the references.
 *
 * @throws VisionError `VALIDATOR_CANNOT_LISTEN`
 */
export async function runChecker({ config, logger, signal, moduleUrl }: RunCheckerOptions): Promise<void> {
  const clock = createSystemClock();
  const version = programVersion(import.meta.url);
  const { metrics, render, contentType } = createMetrics(checkerMetricDefinitions);
  const guard = createDependencyGuard({ clock, logger, metrics, watched: ["store", "reference"] });
  const store = connectPostgresStore(config.database, { logger });
  const reference = openReferences(config, { moduleUrl, clock, logger, metrics });
  const { tasksFile: path, taskBase: base } = config;
  let tasks: TaskSettings = { registry: config.registry, references: config.references, taskWeights: config.taskWeights };
  const onTaken = (taken: TaskSettings) => {
    tasks = taken;
    reference.use(taken.references);
  };
  const tasksFile = createTasksFileWatch({ path, base, initial: tasks }, { onTaken, clock, logger });
  const watch = createTermsWatch({ version, registry: () => tasks.registry, tasks: tasksFile, store, reference, guard, logger });
  metrics.checkerTasks.measure(() => watch.taskCount());
  const checker = createChecker(config.checks, {
    readScope: (waiting) => watch.read(waiting),
    routing: { task: (id) => tasks.registry.get(id) ?? null },
    ...{ store, reference, guard, clock, logger, metrics },
  });
  const isReady = () => watch.taskCount() > 0 && guard.isUp("store") && guard.isUp("reference");
  const server = createMetricsServer(config.metrics, { render, contentType, health: () => ({ isAlive: true, isReady: isReady() }) });
  try {
    const metricsUrl = config.metrics.isEnabled ? await server.listen() : null;
    logger.info("The checker runs", { version, metricsUrl });
    await Promise.all([checker, reference.watch, tasksFile].map((service) => supervise(service, signal, { clock, logger })));
  } finally {
    await server.close();
    await reference.close();
    await store.close();
  }
}
