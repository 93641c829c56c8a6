import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type MessagePort, Worker } from "node:worker_threads";
import { type ErrorCode, VisionError } from "@vision/protocol";
import type { Clock, Logger, ValidatorMetrics } from "../ports/index.js";
import { createMessageBundle, eachMessage, type MessageBundle } from "./message-bundle.js";
import type { FromThread, SharedError, ToThread } from "./thread-messages.js";

/** How a service is run on a thread of its own. */
export type ServiceThreadOptions<Sent, Received, Facts> = {
  /** As logs, metrics and debuggers call it. */
  readonly name: string;
  /** The bundled module that the thread runs. */
  readonly moduleUrl: URL;
  /** What it starts with, anew at every start. */
  readonly workerData: () => unknown;
  /** Makes this end of one started thread's messages. `send` does nothing once that thread has ended; it hands `ports` over for good. */
  readonly connect: (send: (message: Sent | ToThread, ports?: readonly MessagePort[]) => void) => ThreadEnd<Received, Facts>;
};

/** This end of a thread's messages. */
export type ThreadEnd<Received, Facts> = {
  /** It works, for the first time or again. */
  onReady(facts: Facts): void;
  receive(message: Received): void;
  /** It has ended, told or not: nothing that it had under way is answered any more. */
  onEnded(): void;
};

/** What it works with. */
export type ServiceThreadDependencies = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<ValidatorMetrics, "threadRestartsTotal">;
};

/** A service on a thread of its own. One that dies is started again. */
export type ServiceThread<Sent, Facts> = {
  /** Resolves when it works for the first time; rejects when it cannot, or ends before. */
  start(): Promise<Facts>;
  /** Does nothing while there is no thread. */
  send(message: Sent): void;
  isRunning(): boolean;
  /** Tells it to close, and ends it where it does not. */
  close(): Promise<void>;
};

const RESTART_DELAY_MS = 1_000;
/** A thread that does not close by itself in this time, because something holds it, is ended. */
const CLOSE_LIMIT_MS = 5_000;

/** The module of a thread beside the built program; null when this runs from the sources, which a thread cannot load. */
export function bundledThread(fileName: string): URL | null {
  const url = new URL(`./${fileName}`, import.meta.url);
  return existsSync(fileURLToPath(url)) ? url : null;
}

function toError({ message, code }: SharedError): Error {
  return code === undefined ? new Error(message) : new VisionError({ code: code as ErrorCode, message });
}

/** Runs a service's module on a thread, again and again until it is closed. */
export function createServiceThread<Sent, Received extends { readonly kind: string }, Facts>(
  options: ServiceThreadOptions<Sent, Received, Facts>,
  { clock, logger, metrics }: ServiceThreadDependencies,
): ServiceThread<Sent, Facts> {
  const { name, moduleUrl } = options;
  const closing = new AbortController();
  let running: { readonly worker: Worker; readonly messages: MessageBundle<Sent | ToThread> } | null = null;

  function start(): Promise<Facts> {
    return new Promise<Facts>((resolve, reject) => {
      const started = new Worker(moduleUrl, { workerData: options.workerData(), name });
      const messages = createMessageBundle<Sent | ToThread>((bundle, ports) => {
        if (running?.worker === started) started.postMessage(bundle, ports);
      });
      running = { worker: started, messages };
      const end = options.connect((message, ports) => (ports === undefined ? messages.add(message) : messages.send(message, ports)));
      let isReady = false;
      let fault: unknown = null;
      const receive = (message: FromThread<Facts> | Received) => {
        if (isOfThread<Facts>(message)) {
          if (message.kind === "closed") return void started.terminate();
          if (message.kind === "refused") {
            fault = toError(message.error);
            return undefined;
          }
          isReady = true;
          end.onReady(message.facts);
          return resolve(message.facts);
        }
        return end.receive(message);
      };
      started.on("message", eachMessage(receive));
      started.on("error", (error) => {
        fault = error;
      });
      started.on("exit", (exitCode) => {
        running = null;
        end.onEnded();
        const error = fault ?? new Error(`the ${name}'s thread ended with ${exitCode}`);
        if (!isReady) return reject(error);
        if (closing.signal.aborted) return undefined;
        metrics.threadRestartsTotal.inc({ thread: name });
        logger.error("A thread ended and is started again", { thread: name, error });
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
        if (!closing.signal.aborted) logger.error("A thread could not be started again", { thread: name, error });
      }
    }
  }

  return {
    start,
    send: (message) => running?.messages.add(message),
    isRunning: () => running !== null,
    async close() {
      closing.abort(new Error(`the ${name} is closing`));
      if (running === null) return;
      const { worker, messages } = running;
      const ended = new AbortController();
      const ending = new Promise<void>((resolve) => worker.once("exit", () => resolve())).finally(() => ended.abort());
      messages.send({ kind: "close" });
      const late = clock.sleep(CLOSE_LIMIT_MS, ended.signal).then(
        () => worker.terminate(),
        () => undefined,
      );
      await Promise.all([ending, late]);
    },
  };
}

function isOfThread<Facts>(message: { readonly kind: string }): message is FromThread<Facts> {
  return message.kind === "ready" || message.kind === "refused" || message.kind === "closed";
}
