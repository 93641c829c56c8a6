import { createMetricsServer, type HotkeySurroundings, loadHotkey, openTracer, programVersion } from "@vision/program";
import { createMiner, type Logger, type Miner } from "@vision/sdk";
import { type MinerServer, serve } from "@vision/sdk/node";
import { openBackends } from "./backends/open-backends.js";
import { servedBy } from "./backends/served-by.js";
import { joinChain } from "./chain/join-chain.js";
import type { MinerConfig } from "./config/miner-config.js";
import { planReload, type ReloadPlan } from "./config/plan-reload.js";
import { answerControl, type Controlled } from "./control/answer-control.js";
import { serveControl } from "./control/control-server.js";
import { createMinerMetrics, type MinerMetrics } from "./metrics/create-miner-metrics.js";
import { traceRequests } from "./traces/trace-requests.js";
import { createStaticDirectory } from "./validators/static-directory.js";

/** How long backends may take to answer one small request each before the miner starts all the same, milliseconds. */
const WARM_UP_MS = 10_000;

/** A miner that runs. */
export type RunningMiner = MinerServer & {
  /**
   * Goes on with what can be changed of a configuration that was read again; says what changes and what waits for the next start.
   *
   * @throws VisionError `SDK_INVALID_OPTIONS`; then nothing is changed.
   */
  reload(read: MinerConfig): ReloadPlan;
};

/**
 * Starts a miner as configured: key, backends, server. Logs where it listens.
 *
 * Of the environment it reads only the password of an encrypted wallet.
 *
 * @throws VisionError, TypeError or Error that says what is wrong with the key, a backend, the tasks or the port.
 */
export async function startMiner(
  startConfig: MinerConfig,
  dependencies: HotkeySurroundings & {
    /** Folder that paths in what modules configure count from. */ readonly baseDirectory: string;
    readonly logger: Logger;
  },
): Promise<RunningMiner> {
  const { baseDirectory, environment, logger } = dependencies;
  let config = startConfig;
  const hotkey = await loadHotkey(config, { environment });
  const backends = await openBackends(config, baseDirectory);
  const { netuid } = config;
  const metrics = createMinerMetrics({ tasks: config.tasks, pools: config.pools, hotkey: hotkey.address });
  const onMetagraph = metrics.noteMetagraph;
  const ties = netuid === undefined ? null : await joinChain({ ...config, netuid }, { hotkey, logger, onMetagraph });
  const named = ties !== null || config.validators === undefined ? null : createStaticDirectory(config.validators.allow);
  const directory = ties?.validators ?? named;
  const program = { name: "vision-miner", version: programVersion(import.meta.url), instance: hotkey.address };
  const tracer = await openTracer(config.traces, program, { logger });

  const miner = createMiner({
    hotkey,
    ...servedBy(config, backends),
    logger,
    observe: metrics.observe,
    ...(tracer === null ? {} : { trace: traceRequests(tracer) }),
    ...(directory === null ? {} : { validators: directory }),
  });
  metrics.watch(miner);
  metrics.watchMembers(backends);
  await warmUp(miner, logger);
  const changeCapacity: Miner["changeCapacity"] = (capacity) => {
    miner.changeCapacity(capacity);
    metrics.noteCapacity(capacity);
  };
  const closeMetrics = config.metrics.isEnabled ? await serveMetrics(config, metrics, logger) : async () => undefined;
  const { drainMs } = config;
  const { host, port } = config.listen;
  const server = await serve(miner, { host, port, ...(drainMs === undefined ? {} : { drainMs }) });
  const closeControl = await openControl(config, { miner: { ...miner, changeCapacity }, logger });
  logger.info("Miner is listening", { url: server.url, hotkey: hotkey.address, tasks: miner.taskIds });
  ties?.announce(server.port);
  return {
    ...server,
    reload(read) {
      const running = inForce(config, miner);
      const plan = planReload(running, read);
      const { tasks, pools, capacitySharing } = servedBy(plan.next, backends);
      changeCapacity({ tasks, pools, capacitySharing });
      if (plan.next.validators !== undefined) named?.allow(plan.next.validators.allow);
      config = plan.next;
      return plan;
    },
    async close() {
      await closeControl();
      await server.close();
      await ties?.close();
      await tracer?.close();
      await closeMetrics();
    },
  };
}

/** Answers are worth more than what is measured of them: a port that is taken is told, and the miner goes on. */
async function serveMetrics({ metrics: { host, port } }: MinerConfig, metrics: MinerMetrics, logger: Logger): Promise<() => Promise<void>> {
  const server = createMetricsServer({ host, port }, metrics);
  try {
    logger.info("Metrics are served", { url: await server.listen() });
  } catch (error) {
    logger.warn("Metrics cannot be served; choose another metrics.port", { host, port, error });
  }
  return () => server.close();
}

/** A socket that cannot be had is told, and the miner goes on. */
async function openControl({ control }: MinerConfig, controlled: Controlled): Promise<() => Promise<void>> {
  if (control === undefined) return async () => undefined;
  const { logger } = controlled;
  try {
    const server = await serveControl(control.socket, (request) => answerControl(request, controlled));
    logger.info("The capacity can be read and set at a socket", { socket: control.socket });
    return () => server.close();
  } catch (error) {
    logger.warn("There is no control socket", { socket: control.socket, error });
    return async () => undefined;
  }
}

/** The configuration with the capacity in force, which may have been set at the control socket. */
function inForce(config: MinerConfig, miner: Miner): MinerConfig {
  const { tasks, pools, capacitySharing } = miner.getCapacity();
  const changed = Object.entries(config.tasks).map(([id, { concurrency: _slots, ...rest }]) => [id, { ...rest, ...tasks[id] }]);
  return {
    ...config,
    tasks: Object.fromEntries(changed),
    pools: Object.fromEntries(Object.entries(pools).map(([name, pool]) => [name, { ...pool, tasks: { ...pool.tasks } }])),
    capacitySharing,
  };
}

/** Before anybody can ask: loading and compiling models under the first requests would cost their speed. */
async function warmUp(miner: Miner, logger: Logger): Promise<void> {
  const controller = new AbortController();
  // Keeps the process alive, as `AbortSignal.timeout` does not: a backend may hold nothing while it waits.
  const timer = setTimeout(() => controller.abort(), WARM_UP_MS);
  for (const { taskId, problem, durationMs } of await miner.warmUp({ signal: controller.signal })) {
    if (problem === null) logger.debug("Task is warm", { taskId, durationMs });
    else logger.warn("A task's backend did not answer yet", { taskId, problem });
  }
  clearTimeout(timer);
}
