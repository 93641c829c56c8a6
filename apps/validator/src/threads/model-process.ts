import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "@vision/program";
import type { ReferenceSettings } from "../config/index.js";
import type { Logger, ReferenceModel } from "../ports/index.js";
import { createRemoteCalls, type RemoteCalls } from "./calls-over-messages.js";
import type { FromModel, ModelCall, ModelReplies, ToModel } from "./model-messages.js";

/** How long a process may take to end by itself. */
const CLOSE_LIMIT_MS = 5_000;

type Running = { readonly child: ChildProcess; readonly calls: RemoteCalls<ModelCall, ModelReplies[keyof ModelReplies]> };

/**
 * A reference model in a process of its own: it holds up nobody's event loop, and where its engine crashes it takes nothing along. It starts
 * at the first question, and again at the next one after it ended; what was under way then rejects.
 */
export function createModelProcess(
  { moduleUrl, settings }: { readonly moduleUrl: URL; readonly settings: ReferenceSettings },
  { logger }: { readonly logger: Logger },
): ReferenceModel {
  let running: Running | null = null;
  let isClosed = false;

  function start(): Running {
    const child = fork(fileURLToPath(moduleUrl), {
      serialization: "advanced",
      execArgv: [],
      env: childEnvironment(process.env),
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const send = (message: ToModel) => {
      if (child.connected) child.send(message, () => undefined);
    };
    const calls = createRemoteCalls<ModelCall, ModelReplies[keyof ModelReplies]>(send);
    const started = { child, calls };
    const onEnded = (reason: string) => {
      if (running === started) running = null;
      if (!isClosed)
        logger.warn("The process of a reference ended; it is started again when it is needed", { tasks: settings.tasks, reason });
      calls.abandon(new Error(`the reference's process ended: ${reason}`));
    };
    child.on("message", (message: FromModel) => calls.receive(message));
    child.once("error", (error) => onEnded(error.message));
    child.once("exit", (exitCode, signal) => onEnded(signal ?? `exit code ${exitCode}`));
    send({ kind: "open", settings });
    return started;
  }

  async function ask<What extends ModelCall["what"]>(call: Extract<ModelCall, { what: What }>, signal: AbortSignal) {
    signal.throwIfAborted();
    if (isClosed) throw new Error("the reference is closed");
    running ??= start();
    return (await running.calls.call(call, { signal })) as ModelReplies[What];
  }

  return {
    facts: (signal) => ask({ what: "facts" }, signal),
    readPrompt: (prompt, signal) => ask({ what: "readPrompt", prompt }, signal),
    encode: (text, signal) => ask({ what: "encode", text }, signal),
    decode: (tokenIds, signal) => ask({ what: "decode", tokenIds }, signal),
    idsOf: (tokens, signal) => ask({ what: "idsOf", tokens }, signal),
    score: (answer, signal) => ask({ what: "score", answer }, signal),
    write: (writing, signal) => ask({ what: "write", writing }, signal),
    async close() {
      isClosed = true;
      const child = running?.child;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      const late = setTimeout(() => child.kill("SIGKILL"), CLOSE_LIMIT_MS);
      child.disconnect();
      await ended;
      clearTimeout(late);
    },
  };
}
