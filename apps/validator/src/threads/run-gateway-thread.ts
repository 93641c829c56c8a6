import { randomBytes } from "node:crypto";
import { type MessagePort, workerData } from "node:worker_threads";
import { type Counter, createLogger, openTracer } from "@vision/program";
import { VisionError } from "@vision/protocol";
import { createSeededRandom } from "@vision/scoring/probing";
import { callBack } from "../adapters/call-back.js";
import { createSystemClock } from "../adapters/clock.js";
import { createFetchFile } from "../adapters/fetch-file.js";
import { createFollowingLedger } from "../adapters/ledger-shared.js";
import { readPageFiles } from "../adapters/page-files.js";
import { openPostgresStore } from "../adapters/postgres/index.js";
import { createEmbeddedPromptCounter } from "../adapters/prompt-counter-embedded.js";
import { createUsageFile } from "../adapters/usage-file.js";
import { createGateway } from "../gateway/index.js";
import { createHeldTimes, systemHoldClock } from "../services/held-times.js";
import { createStarvationWatch } from "../services/starvation-watch.js";
import { supervise } from "../services/supervise.js";
import { createBatchedCounter } from "./batched-counter.js";
import { createRemoteExchange } from "./exchange-over-messages.js";
import { createFollowingRouting } from "./following-routing.js";
import type { FromGateway, GatewayThreadData, ServedRequest, ToGateway } from "./gateway-messages.js";
import { createMessageBundle, eachMessage } from "./message-bundle.js";
import { createRemoteVerdictSigner } from "./sign-over-messages.js";

/** The core sends its view every second; a standstill of some seconds is noticed and told by itself. */
const CORE_SILENCE_MS = 15_000;
const REFUSED_TOLD_EVERY_MS = 1_000;
/** A message for every request would cost as much as one of its answer. */
const SERVED_TOLD_EVERY_MS = 250;

/** Runs the gateway in this thread until it is told to close. Miners are asked by the core, which alone times and records. */
export async function runGatewayThread(port: MessagePort): Promise<void> {
  const data = workerData as GatewayThreadData;
  const messages = createMessageBundle<FromGateway>((bundle) => port.postMessage(bundle));
  const send = messages.add;
  const logger = createLogger({ level: data.logLevel });
  const clock = createSystemClock();
  let { view } = data;
  let viewedAtMs = clock.monotonicMs();
  const ledger = createFollowingLedger(data.period);
  const routing = createFollowingRouting(view);
  const exchange = createRemoteExchange(send);
  const verdicts = createRemoteVerdictSigner(data.validator, send);
  const counterOf = (metric: "gatewayHedgesTotal" | "gatewayContinuationsTotal"): Counter => ({
    inc: (labels = {}, count = 1) => send({ kind: "counted", metric, labels, count }),
  });
  const refused = createBatchedCounter({
    label: "reason",
    tell: (reason, count) => send({ kind: "counted", metric: "gatewayConnectionsRefusedTotal", labels: { reason }, count }),
    schedule: (flush) => void setTimeout(flush, REFUSED_TOLD_EVERY_MS).unref(),
  });
  let served: ServedRequest[] = [];
  const sendServed = () => {
    if (served.length > 0) send({ kind: "served", requests: served });
    served = [];
  };
  const noteServed = (request: ServedRequest) => {
    if (served.length === 0) setTimeout(sendServed, SERVED_TOLD_EVERY_MS).unref();
    served.push(request);
  };
  const heldTimes = createHeldTimes(systemHoldClock);
  const closing = new AbortController();
  try {
    const { maxConnections } = data;
    const url = () => view.databaseUrl;
    const store = await openPostgresStore({ url, ...(maxConnections === undefined ? {} : { maxConnections }) }, { logger });
    const { tracing, dataDir } = data;
    const gateway = createGateway(data.options, {
      exchange: {
        async run(request) {
          const result = await exchange.run(request);
          const miner = { hotkey: request.target.hotkey, taskId: request.task.id };
          if (result !== null) routing.note(miner, result, clock.nowMs());
          return result;
        },
      },
      random: createSeededRandom(randomBytes(32).toString("hex"), ["routing"]),
      routing,
      ledger,
      store,
      verdicts,
      callBack,
      fetchFile: createFetchFile(),
      logger,
      clock,
      heldTimes,
      usageSpool: dataDir === undefined ? null : createUsageFile({ folder: dataDir, nowMs: clock.nowMs }, { logger }),
      tracer: tracing === undefined ? null : await openTracer(tracing.settings, tracing.program, { logger }),
      promptCounter: createEmbeddedPromptCounter({ logger }),
      page: await readPageFiles(),
      liveView: { live: () => view.live, chain: () => view.chain },
      // A core that tells nothing any more stands still.
      health: () => (clock.monotonicMs() - viewedAtMs <= CORE_SILENCE_MS ? view.health : { isAlive: false, isReady: false }),
      metrics: {
        // Counted with the time, in one message.
        gatewayRequestsTotal: { inc: () => undefined },
        gatewayHedgesTotal: counterOf("gatewayHedgesTotal"),
        gatewayContinuationsTotal: counterOf("gatewayContinuationsTotal"),
        gatewayConnectionsRefusedTotal: refused,
        gatewaySeconds: { observe: (seconds, labels = {}) => noteServed({ labels, seconds }) },
      },
    });
    const watch = createStarvationWatch({
      ...{ clock, logger, thread: "gateway", cause: "sender", heldTimes },
      onStandstill(standstill) {
        send({ kind: "standstill", standstill });
        if (standstill.who !== null) gateway.noteStandstill(standstill.who);
      },
    });
    const watching = supervise(watch, closing.signal, { clock, logger });
    const receive = (message: ToGateway) => {
      if (message.kind === "view") {
        view = message.view;
        routing.follow(view);
        viewedAtMs = clock.monotonicMs();
      } else if (message.kind === "period") ledger.follow(message.period);
      else if (message.kind === "signed") verdicts.receive(message);
      else if (message.kind === "line") exchange.follow(message.port);
      else if (message.kind === "drain") void gateway.drain().then(() => send({ kind: "drained" }));
      else if (message.kind === "close") void close();
      else exchange.receive(message);
    };
    port.on("message", eachMessage(receive));
    const close = async () => {
      closing.abort(new Error("the gateway is closing"));
      await watching;
      await gateway.close().catch((error: unknown) => logger.warn("A part could not be closed", { part: "gateway", error }));
      await store.close().catch((error: unknown) => logger.warn("A part could not be closed", { part: "gateway's store", error }));
      sendServed();
      messages.send({ kind: "closed" });
      port.close();
    };
    send({ kind: "ready", facts: { url: await gateway.listen() } });
  } catch (error) {
    closing.abort(error);
    const { message } = error instanceof Error ? error : new Error(String(error));
    messages.send({ kind: "refused", error: VisionError.isInstance(error) ? { message, code: error.code } : { message } });
    port.close();
  }
}
