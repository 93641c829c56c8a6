import type { LogLevel } from "@vision/program";
import type { SharedLedger } from "../adapters/ledger-shared.js";
import type { Exchange } from "../exchange/exchange.js";
import type { Gateway, GatewayOptions } from "../gateway/index.js";
import type { Health, LiveView, RoutingView, ValidatorMetrics, VerdictSigner } from "../ports/index.js";
import { noteStandstill } from "../services/starvation-watch.js";
import { createExchangeHost } from "./exchange-over-messages.js";
import { snapshotOf } from "./following-routing.js";
import type { FromGateway, GatewayThreadData, SharedView, ToGateway, Tracing } from "./gateway-messages.js";
import type { LineEnd } from "./parts-line.js";
import { createServiceThread, type ServiceThreadDependencies } from "./service-thread.js";
import { createSigningHost } from "./sign-over-messages.js";
import type { FromThread } from "./thread-messages.js";

/** What the gateway's thread works with at the core's end. */
export type GatewayThreadDependencies = ServiceThreadDependencies & {
  readonly exchange: Exchange;
  /** Its end of a line to the thread that reads miners' answers; left out: their parts come through the core. */
  readonly line?: LineEnd;
  readonly routing: RoutingView;
  readonly liveView: LiveView;
  readonly ledger: Pick<SharedLedger, "period" | "onPeriod">;
  readonly databaseUrl: () => string;
  readonly verdicts: VerdictSigner;
  /** Calls the listener when a period is under way. Returns a function that stops it. */
  readonly onPeriodStarted: (listener: () => void) => () => void;
  readonly health: () => Health;
  readonly metrics: Pick<
    ValidatorMetrics,
    | "gatewayRequestsTotal"
    | "gatewaySeconds"
    | "gatewayHedgesTotal"
    | "gatewayContinuationsTotal"
    | "gatewayConnectionsRefusedTotal"
    | "standstillSecondsTotal"
  >;
};

/** How the thread is started. */
export type GatewayThreadOptions = {
  readonly gateway: GatewayOptions;
  readonly logLevel: LogLevel;
  readonly tracing?: Tracing;
  readonly maxConnections: number | undefined;
  /** Where the thread keeps what it could not write before its end; left out: nowhere. */
  readonly dataDir?: string;
  readonly moduleUrl: URL;
};

/** Routing scores move with every result; users are routed by those of this long ago at most. */
const VIEW_EVERY_MS = 1_000;

type Facts = { readonly url: string };
type Received = Exclude<FromGateway, FromThread<Facts>>;

/**
 * The gateway in a thread of its own: nothing that users or strangers send runs on the loops that probe, time and score. It asks miners
 * through the core, so that their answers are timed and recorded in one place; what is streamed of an answer comes straight from the thread
 * that reads it. A thread that dies is started again on the same port, and what it had under way ends with nobody to blame.
 */
export function createGatewayThread(
  options: GatewayThreadOptions,
  dependencies: GatewayThreadDependencies,
): Pick<Gateway, "listen" | "drain" | "close"> {
  const { routing, liveView, ledger, line, clock, metrics } = dependencies;
  const closing = new AbortController();
  const note = noteStandstill(metrics);
  let gateway = options.gateway;
  let drained: (() => void) | null = null;

  function view(): SharedView {
    const shown = { health: dependencies.health(), live: liveView.live(), chain: liveView.chain() };
    return { ...snapshotOf(routing), ...shown, databaseUrl: dependencies.databaseUrl() };
  }
  function workerData(): GatewayThreadData {
    const { logLevel, tracing, maxConnections, dataDir } = options;
    const { validator } = dependencies.verdicts;
    return { options: gateway, logLevel, tracing, maxConnections, dataDir, validator, view: view(), period: ledger.period() };
  }

  const thread = createServiceThread<ToGateway, Received, Facts>(
    {
      ...{ name: "gateway", moduleUrl: options.moduleUrl, workerData },
      connect(send) {
        const host = createExchangeHost(dependencies.exchange, send, () => line?.isLaid() === true);
        const signing = createSigningHost(dependencies.verdicts, send);
        return {
          onReady({ url }) {
            // Started again it must be found where it was.
            gateway = { ...gateway, port: Number(new URL(url).port) || gateway.port };
            line?.onReady((port) => send({ kind: "line", port }, [port]));
          },
          receive(message) {
            if (message.kind === "drained") return drained?.();
            if (message.kind === "counted") return metrics[message.metric].inc(message.labels, message.count);
            if (message.kind === "standstill") return note(message.standstill);
            if (message.kind === "sign") return signing.receive(message.call);
            if (message.kind !== "served") return host.receive(message);
            for (const { labels, seconds } of message.requests) {
              metrics.gatewayRequestsTotal.inc(labels);
              metrics.gatewaySeconds.observe(seconds, labels);
            }
            return undefined;
          },
          onEnded() {
            line?.onEnded();
            host.abandon();
            drained?.();
          },
        };
      },
    },
    dependencies,
  );
  const sendView = () => thread.send({ kind: "view", view: view() });
  const stopPeriods = ledger.onPeriod((period) => thread.send({ kind: "period", period }));
  const stopViews = dependencies.onPeriodStarted(sendView);
  async function keepViewFresh(): Promise<void> {
    for (;;) {
      await clock.sleep(VIEW_EVERY_MS, closing.signal);
      sendView();
    }
  }

  return {
    async listen() {
      const { url } = await thread.start();
      void keepViewFresh().catch(() => undefined);
      return url;
    },
    drain() {
      if (!thread.isRunning()) return Promise.resolve();
      return new Promise((resolve) => {
        drained = resolve;
        thread.send({ kind: "drain" });
      });
    },
    async close() {
      closing.abort(new Error("the gateway is closing"));
      stopPeriods();
      stopViews();
      await thread.close();
    },
  };
}
