import { randomBytes } from "node:crypto";
import { statfsSync } from "node:fs";
import { type ChainClient, connect, type SubtensorClient } from "@vision/chain";
import { chainPlace, createLogger, describeSettings, loadHotkey, openTracer, programVersion } from "@vision/program";
import { type PeriodReport, VisionError } from "@vision/protocol";
import { createSeededRandom } from "@vision/scoring/probing";
import type { MinerClient } from "@vision/sdk/client";
import { type Hotkey, signVerdicts, type VerdictsClaim } from "@vision/signing";
import { callBack } from "./adapters/call-back.js";
import { createSystemClock } from "./adapters/clock.js";
import { createFetchFile } from "./adapters/fetch-file.js";
import { createSharedLedger } from "./adapters/ledger-shared.js";
import { createPrometheusMetrics } from "./adapters/metrics/index.js";
import { type Database, openDatabase } from "./adapters/open-database.js";
import { readPageFiles } from "./adapters/page-files.js";
import { createEmbeddedPromptCounter } from "./adapters/prompt-counter-embedded.js";
import { openRedisLedger } from "./adapters/redis/open-redis-ledger.js";
import type { References } from "./adapters/references.js";
import { createResultsFile } from "./adapters/results-file.js";
import { createTasksFileWatch } from "./adapters/tasks-file-watch.js";
import { createUsageFile } from "./adapters/usage-file.js";
import { readRequestsFile, type TaskSettings, type ValidatorConfig, validatorProgram } from "./config/index.js";
import { type Core, createCore } from "./create-core.js";
import type { ShownSettings } from "./domain/settings-changes.js";
import { createGateway, createMetricsServer, type Gateway } from "./gateway/index.js";
import { openProber, type Prober } from "./open-prober.js";
import { openReferences } from "./open-references.js";
import type { Clock, Logger, Reference, Store } from "./ports/index.js";
import { createDependencyGuard } from "./services/dependency-guard.js";
import { drainedSignal } from "./services/drained-signal.js";
import { noteSettings } from "./services/note-settings.js";
import type { SharedRequestsOptions } from "./services/shared-requests.js";
import { type Service, supervise } from "./services/supervise.js";
import { createGatewayTeller, rememberBudgets } from "./threads/gateway-teller.js";
import { createGatewayThread } from "./threads/gateway-thread.js";
import { createPartsLine } from "./threads/parts-line.js";

/** A chain that may tell its time. */
type TimedChain = ChainClient & Partial<Pick<SubtensorClient, "getBlockTime">>;

/** Parts that a caller brings along instead of those that the configuration names. They are closed with the validator. */
export type ValidatorParts = {
  readonly hotkey?: Hotkey;
  readonly chain?: TimedChain;
  readonly store?: Store;
  readonly client?: MinerClient;
  readonly reference?: Reference;
  readonly clock?: Clock;
  readonly logger?: Logger;
};

/** One that a caller brings does not change with the settings. */
type BroughtReference = Reference & Pick<References, "use">;

/** Where a running validator can be reached; null for what is switched off. */
export type ValidatorAddresses = { readonly gatewayUrl: string | null; readonly metricsUrl: string | null };

/** A validator, put together and connected, not running yet. */
export type Validator = {
  readonly hotkey: string;
  readonly core: Core;
  readonly store: Store;
  /** Resolves when the gateway and the metrics listen, after `run` was called; rejects when they cannot. */
  readonly ready: Promise<ValidatorAddresses>;
  /** The newest closed period; null before the first. */
  snapshot(): PeriodReport | null;
  /** Runs until the signal aborts, then stops everything and resolves. Rejects when it cannot start. */
  run(signal: AbortSignal): Promise<void>;
  /** Stops what was opened, for a validator that is not run. */
  close(): Promise<void>;
};

/** What {@link createValidator} is given. */
export type CreateValidatorOptions = {
  readonly config: ValidatorConfig;
  /** Gives up the start: waiting for the chain or the database. */
  readonly signal: AbortSignal;
  /** Calls the listener when the operator asks to read the tasks again at once. */
  readonly onReread?: (listener: () => void) => void;
  /** Where the password of an encrypted wallet is looked up; pass `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly parts?: ValidatorParts;
  /**
   * Modules of the threads, and of the processes that hold references' models. Left out everything runs in this thread; so does the gateway
   * beside a store that a caller brings, and what asks miners beside a hotkey or a client.
   */
  readonly threads?: { readonly gateway: URL | null; readonly prober: URL | null; readonly model?: URL | null };
};

/** The function, run at most once; later calls get the first one's result. */
function once(run: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | null = null;
  return () => {
    result ??= run();
    return result;
  };
}

/** Free space of a folder's disk; nothing while the folder is not there. */
function readFreeBytes(folder: string) {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return [{ value: bavail * bsize, labels: {} }];
  } catch {
    return [];
  }
}

/** Closers in the order of opening; run in the opposite order, each in spite of the others' failures. */
function createClosers(logger: Logger) {
  const closers: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  return {
    add: (name: string, close: () => Promise<void>) => closers.push({ name, close }),
    async closeAll() {
      for (const { name, close } of closers.splice(0).reverse()) {
        await close().catch((error: unknown) => logger.warn("A part could not be closed", { part: name, error }));
      }
    },
  };
}

/**
 * Puts a validator together from its configuration: database, chain, miner client, reference, services and gateway. Waits for the chain
 * when it is away.
 *
 * @throws VisionError `STORE_*`, `SIGNING_INVALID_KEY`, `WALLET_*`: what the configuration names cannot be used.
 */
export async function createValidator(options: CreateValidatorOptions): Promise<Validator> {
  const { config, signal, environment = {}, parts = {}, threads = { gateway: null, prober: null } } = options;
  const clock = parts.clock ?? createSystemClock();
  const logger = parts.logger ?? createLogger({ level: config.log.level });
  const prometheus = createPrometheusMetrics();
  const { metrics } = prometheus;
  metrics.diskFreeBytes.measureAll(() => readFreeBytes(config.database.dataDir));
  const closers = createClosers(logger);
  const partsLine = createPartsLine();
  let database: Database | null = null;
  // While it waits for the chain there is nothing to read again; whoever asks for it does not mean to stop the start.
  let reread: () => void = () => undefined;
  options.onReread?.(() => reread());
  try {
    const { hotkey, store, chain } = await openAll();
    const version = programVersion(import.meta.url);
    const { taskBase: _, registry: __, ...shownConfig } = config;
    const settingsInForce = describeSettings(validatorProgram, shownConfig);
    const prober = openMinerAsker(hotkey);
    const openOwn = () => openReferences(config, { moduleUrl: threads.model ?? null, clock, logger, metrics });
    const reference: References | BroughtReference =
      parts.reference === undefined ? openOwn() : { use: () => undefined, ...parts.reference };
    closers.add("reference", () => reference.close());
    const { url: redisUrl } = config.redis;
    const sharedLedger =
      redisUrl === undefined ? null : openRedisLedger({ url: redisUrl, validator: hotkey.address }, { clock, logger, metrics });
    if (sharedLedger !== null) closers.add("ledger", async () => sharedLedger.close());
    const { ledger, budgets } = rememberBudgets(sharedLedger ?? createSharedLedger());
    const { isEnabled: isGatewayEnabled, isSeparate } = config.gateway;
    const areGatewaysSeparate = isGatewayEnabled && isSeparate;
    const promptCounter = createEmbeddedPromptCounter({ logger });
    const core = createCore(
      {
        version,
        netuid: config.netuid,
        arePrivateEndpointsAllowed: config.chain.arePrivateEndpointsAllowed,
        probing: config.probing,
        checks: config.checks,
        weights: config.weights,
        scoring: config.scoring,
        retentionPeriods: config.retentionPeriods,
        sharedRequests: await readSharedRequests(config),
        writtenRequests: {
          perTask: config.syntheticRequests.writtenPerTask,
          keptMs: config.syntheticRequests.keepWrittenHours * 3_600_000,
        },
        registry: config.registry,
        taskWeights: config.taskWeights,
        areGatewaysSeparate,
      },
      {
        ...{ chain, store, reader: prober, reference, ledger, signer: hotkey, promptCounter, clock, logger, metrics },
        tasks: watchTasks(reference),
        ...(sharedLedger === null ? {} : { ledgerWatch: sharedLedger }),
        ...("watch" in reference && config.checks.isOwn ? { referenceWatch: reference.watch } : {}),
        // Beside a store that a caller brings there is no folder of ours.
        ...(parts.store === undefined ? { spool: createResultsFile({ folder: config.database.dataDir }, { logger }) } : {}),
        async readReferenceMs(waiting) {
          const time = await chain.getBlockTime?.({ signal: waiting }).catch(() => undefined);
          return time === undefined ? ((await database?.readClockMs()) ?? null) : time.nowSeconds * 1_000;
        },
      },
    );

    let announce: (addresses: ValidatorAddresses) => void = () => undefined;
    let refuse: (error: unknown) => void = () => undefined;
    const ready = new Promise<ValidatorAddresses>((resolve, reject) => {
      announce = resolve;
      refuse = reject;
    });
    // Whoever does not wait for it learns of the failure from `run`.
    ready.catch(() => undefined);

    let drainGateway: () => Promise<void> = async () => undefined;
    let closeGateway: () => Promise<void> = async () => undefined;
    async function openGateway(): Promise<Pick<Gateway, "listen" | "drain" | "close">> {
      const shared = {
        ...{ exchange: core.exchange, routing: core.routing, liveView: core.liveView, health: () => core.health() },
        ...{ ledger, clock, logger, metrics },
        verdicts: { validator: hotkey.address, sign: async (claim: VerdictsClaim) => signVerdicts(hotkey, claim) },
      };
      const { arePrivateEndpointsAllowed } = config.chain;
      const gatewayOptions = { ...config.gateway, arePrivateEndpointsAllowed, settingsInForce };
      const program = { name: "vision-validator", version, instance: hotkey.address };
      const tracing = { settings: config.traces, program };
      const opened = database;
      if (threads.gateway === null || opened === null) {
        const random = createSeededRandom(randomBytes(32).toString("hex"), ["routing"]);
        const tracer = await openTracer(tracing.settings, program, { logger });
        // Beside a store that a caller brings there is no folder of ours.
        const usageSpool = opened === null ? null : createUsageFile({ folder: config.database.dataDir, nowMs: clock.nowMs }, { logger });
        return createGateway(gatewayOptions, {
          ...shared,
          callBack,
          fetchFile: createFetchFile(),
          random,
          store,
          promptCounter,
          tracer,
          usageSpool,
          page: await readPageFiles(),
        });
      }
      const { maxConnections, dataDir } = config.database;
      return createGatewayThread(
        { gateway: gatewayOptions, logLevel: config.log.level, tracing, maxConnections, dataDir, moduleUrl: threads.gateway },
        {
          ...shared,
          line: partsLine.gateway,
          databaseUrl: () => opened.url(),
          onPeriodStarted: (listener) => core.onPeriodStarted(listener),
        },
      );
    }
    async function listen(): Promise<ValidatorAddresses> {
      let gatewayUrl: string | null = null;
      if (isGatewayEnabled && !isSeparate) {
        const gateway = await openGateway();
        drainGateway = () => gateway.drain();
        closeGateway = once(() => gateway.close());
        closers.add("gateway", closeGateway);
        gatewayUrl = await gateway.listen();
      }
      if (!config.metrics.isEnabled) return { gatewayUrl, metricsUrl: null };
      // Beside gateways in processes of their own there is no other place to ask how this one is.
      const health = areGatewaysSeparate ? { health: () => core.health() } : {};
      const metricsServer = createMetricsServer(config.metrics, { ...prometheus, ...health });
      closers.add("metrics", () => metricsServer.close());
      return { gatewayUrl, metricsUrl: await metricsServer.listen() };
    }

    /** Tells gateways in processes of their own. */
    function tellGateways(): Service {
      const { routing, liveView, checkPlan } = core;
      const guard = createDependencyGuard({ clock, logger, metrics, watched: ["store"] });
      const onPeriodStarted = (listener: () => void) => core.onPeriodStarted(listener);
      return createGatewayTeller({
        ...{ validator: hotkey.address, routing, liveView, checkPlan, budgets, onPeriodStarted },
        ...{ store, guard, clock },
      });
    }

    /** Keeps the API's address on the chain, where one is configured. */
    async function announceGateway(): Promise<void> {
      const { isEnabled, announce: place } = config.gateway;
      if (!isEnabled || place === undefined) return;
      const { createAnnouncer } = await import("@vision/sdk/chain");
      const announcer = createAnnouncer(chain, { netuid: config.netuid, ...place, serves: "gateway", hotkey }, { logger });
      closers.add("announcer", async () => announcer.close());
      announcer.start();
    }

    return {
      hotkey: hotkey.address,
      core,
      store,
      ready,
      snapshot: () => core.reporter.latest(),
      close: () => closers.closeAll(),
      async run(running) {
        // Another validator took the database over while its server was away: two must not work on it.
        const lost = new AbortController();
        try {
          await database?.claim((error) => lost.abort(error));
          await noteSettings({ settings: JSON.parse(settingsInForce) as ShownSettings, version }, { store, clock, logger });
          const [addresses] = await Promise.all([listen(), prober.start()]);
          logger.info("The validator runs", { hotkey: hotkey.address, netuid: config.netuid, ...addresses });
          announce(addresses);
          await announceGateway();
          const ending = AbortSignal.any([drainedSignal(running, drainGateway), lost.signal]);
          const telling = areGatewaysSeparate ? supervise(tellGateways(), ending, { clock, logger }) : null;
          await core.run(ending, closeGateway);
          await telling;
          if (lost.signal.aborted) throw lost.signal.reason;
        } catch (error) {
          refuse(error);
          throw error;
        } finally {
          await closers.closeAll();
        }
      },
    };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }

  /** Reads the file of tasks again from time to time, and when it is asked to. */
  function watchTasks(references: Pick<References, "use">) {
    const { tasksFile: path, taskBase: base, registry, taskWeights } = config;
    const initial = { registry, taskWeights, references: config.references };
    const onTaken = (taken: TaskSettings) => references.use(taken.references);
    const watch = createTasksFileWatch({ path, base, initial }, { onTaken, clock, logger });
    reread = () => void watch.look().catch((error: unknown) => logger.error("The file of tasks could not be read again", { error }));
    return watch;
  }

  /** In a thread, unless a caller brings a hotkey or a client. */
  function openMinerAsker(hotkey: Hotkey): Prober {
    const isOwn = parts.hotkey === undefined && parts.client === undefined;
    const { wallet, hotkey: source } = config;
    const options = { hotkeySource: { wallet, hotkey: source }, environment, controlTimeoutMs: config.probing.capacityTimeoutMs };
    const opened = openProber(
      { ...options, logLevel: config.log.level, moduleUrl: isOwn ? threads.prober : null },
      { hotkey, client: parts.client, line: partsLine.prober, clock, logger, metrics },
    );
    closers.add("prober", () => opened.close());
    return opened;
  }

  /** Opens at once what takes time: the database and the chain each take a second. The first failure ends the other attempts. */
  async function openAll(): Promise<{ readonly hotkey: Hotkey; readonly store: Store; readonly chain: TimedChain }> {
    const giveUp = new AbortController();
    const opening = AbortSignal.any([signal, giveUp.signal]);
    const open = async <Part>(name: string, start: () => Promise<Part>, close: (part: Part) => Promise<void>): Promise<Part> => {
      try {
        const part = await start();
        closers.add(name, () => close(part));
        return part;
      } catch (error) {
        giveUp.abort(error);
        throw error;
      }
    };
    const attempts = [
      open(
        "hotkey",
        async () => parts.hotkey ?? loadHotkey(config, { environment }),
        async () => undefined,
      ),
      open(
        "store",
        async () => parts.store ?? openStore(opening),
        (store) => (database ?? store).close(),
      ),
      open(
        "chain",
        async () => parts.chain ?? connectChain(opening),
        (chain) => chain.close(),
      ),
    ] as const;
    // All are waited for, so that whatever still opens is closed.
    await Promise.allSettled(attempts);
    if (giveUp.signal.aborted) throw giveUp.signal.reason;
    const [hotkey, store, chain] = await Promise.all(attempts);
    return { hotkey, store, chain };
  }

  async function openStore(opening: AbortSignal): Promise<Store> {
    const opened = await openDatabase(config.database, { logger, signal: opening });
    database = opened;
    return opened.store;
  }

  async function connectChain(opening: AbortSignal): Promise<SubtensorClient> {
    const guard = createDependencyGuard({ clock, logger, metrics });
    return guard.untilUp("chain", () => connect({ ...chainPlace(config), signal: opening, logger }), opening);
  }
}

/** What is drawn from beside what users share. @throws VisionError `CONFIG_INVALID` where the file is no good any more. */
async function readSharedRequests({ syntheticRequests, registry }: ValidatorConfig): Promise<SharedRequestsOptions> {
  const { keepSharedHours, file } = syntheticRequests;
  const read = file === undefined ? { requests: [] } : await readRequestsFile(file, registry);
  if ("problem" in read) throw new VisionError({ code: "CONFIG_INVALID", message: `syntheticRequests.file ${read.problem}.` });
  return { keptMs: keepSharedHours * 3_600_000, given: read.requests };
}
