import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { LogLevel } from "@vision/program";
import { type ErrorCode, enabledTasks, VisionError } from "@vision/protocol";
import type { SharedLedger } from "../adapters/ledger-shared.js";
import type { Exchange } from "../exchange/exchange.js";
import type { Gateway, GatewayOptions } from "../gateway/index.js";
import type { Clock, Logger, RoutingView, ValidatorMetrics } from "../ports/index.js";
import { createExchangeHost } from "./exchange-over-messages.js";
import type { FromGateway, GatewayThreadData, SharedError, SharedView, ToGateway } from "./gateway-messages.js";

/** What the gateway's thread works with at the core's end. */
export type GatewayThreadDependencies = {
  readonly exchange: Exchange;
  readonly routing: RoutingView;
  readonly ledger: SharedLedger;
  readonly databaseUrl: () => string;
  /** Calls the listener when a period is under way. Returns a function that stops it. */
  readonly onPeriodStarted: (listener: () => void) => () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<ValidatorMetrics, "gatewayRequestsTotal" | "gatewaySeconds">;
};

/** How the thread is started. */
export type GatewayThreadOptions = {
  readonly gateway: GatewayOptions;
  readonly logLevel: LogLevel;
  readonly maxConnections: number | undefined;
  readonly moduleUrl: URL;
};

/** Routing scores move with every result; users are routed by those of this long ago at most. */
const VIEW_EVERY_MS = 1_000;
const RESTART_DELAY_MS = 1_000;
/** A thread that does not close by itself in this time, because something holds it, is ended. */
const CLOSE_LIMIT_MS = 5_000;

/** The module of the gateway's thread beside the built program; null when this runs from the sources, which a thread cannot load. */
export function bundledGatewayThread(): URL | null {
  const url = new URL("./gateway-thread.js", import.meta.url);
  return existsSync(fileURLToPath(url)) ? url : null;
}

function toError({ message, code }: SharedError): Error {
  return code === undefined ? new Error(message) : new VisionError({ code: code as ErrorCode, message });
}

/**
 * The gateway in a thread of its own: nothing that users or strangers send runs on the loop that probes, times and scores. It asks miners
 * through the core, so that their answers are timed and recorded in one place. A thread that dies is started again on the same port, and
 * what it had under way ends with nobody to blame.
 */
export function createGatewayThread(
  options: GatewayThreadOptions,
  dependencies: GatewayThreadDependencies,
): Pick<Gateway, "listen" | "drain" | "close"> {
  const { routing, ledger, clock, logger, metrics } = dependencies;
  const closing = new AbortController();
  let gateway = options.gateway;
  let worker: Worker | null = null;
  let drained: (() => void) | null = null;
  const send = (message: ToGateway) => worker?.postMessage(message);

  function view(): SharedView {
    const registry = routing.registry();
    const candidates = new Map(enabledTasks(registry).map(({ id }) => [id, routing.candidates(id)]));
    return { registry, period: routing.currentPeriod(), candidates, databaseUrl: dependencies.databaseUrl() };
  }
  const sendView = () => send({ kind: "view", view: view() });

  const stopPeriods = ledger.onPeriod((period) => send({ kind: "period", period }));
  const stopViews = dependencies.onPeriodStarted(sendView);
  async function keepViewFresh(): Promise<void> {
    for (;;) {
      await clock.sleep(VIEW_EVERY_MS, closing.signal);
      sendView();
    }
  }

  /** Resolves when the thread listens; rejects when it cannot, or ends before. */
  function start(): Promise<string> {
    const { logLevel, maxConnections, moduleUrl } = options;
    const workerData: GatewayThreadData = { options: gateway, logLevel, maxConnections, view: view(), period: ledger.period() };
    return new Promise<string>((resolve, reject) => {
      const started = new Worker(moduleUrl, { workerData, name: "gateway" });
      worker = started;
      const host = createExchangeHost(dependencies.exchange, (message) => {
        if (worker === started) started.postMessage(message);
      });
      let isListening = false;
      let fault: unknown = null;
      started.on("message", (message: FromGateway) => {
        if (message.kind === "listening") {
          isListening = true;
          // Started again it must be found where it was.
          gateway = { ...gateway, port: Number(new URL(message.url).port) || gateway.port };
          resolve(message.url);
        } else if (message.kind === "refused") {
          fault = toError(message.error);
        } else if (message.kind === "served") {
          metrics.gatewayRequestsTotal.inc(message.labels);
          metrics.gatewaySeconds.observe(message.seconds, message.labels);
        } else if (message.kind === "drained") {
          drained?.();
        } else if (message.kind === "closed") {
          void started.terminate();
        } else {
          host.receive(message);
        }
      });
      started.on("error", (error) => {
        fault = error;
      });
      started.on("exit", (exitCode) => {
        worker = null;
        host.abandon();
        drained?.();
        const error = fault ?? new Error(`the gateway's thread ended with ${exitCode}`);
        if (!isListening) return reject(error);
        if (closing.signal.aborted) return undefined;
        logger.error("The gateway's thread ended and is started again", { error });
        return void restart();
      });
    });
  }

  async function restart(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await clock.sleep(RESTART_DELAY_MS, closing.signal);
        await start();
        return;
      } catch (error) {
        if (!closing.signal.aborted) logger.error("The gateway could not be started again", { error });
      }
    }
  }

  return {
    async listen() {
      const url = await start();
      void keepViewFresh().catch(() => undefined);
      return url;
    },
    drain() {
      if (worker === null) return Promise.resolve();
      return new Promise((resolve) => {
        drained = resolve;
        send({ kind: "drain" });
      });
    },
    async close() {
      closing.abort(new Error("the gateway is closing"));
      stopPeriods();
      stopViews();
      const running = worker;
      if (running === null) return;
      const ended = new AbortController();
      const ending = new Promise<void>((resolve) => running.once("exit", () => resolve())).finally(() => ended.abort());
      send({ kind: "close" });
      const late = clock.sleep(CLOSE_LIMIT_MS, ended.signal).then(
        () => running.terminate(),
        () => undefined,
      );
      await Promise.all([ending, late]);
    },
  };
}
