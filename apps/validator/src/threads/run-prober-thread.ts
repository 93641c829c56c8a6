import { type MessagePort, workerData } from "node:worker_threads";
import { createLogger, loadHotkey } from "@vision/program";
import { type AnswerPart, type ClaimedToken, VisionError } from "@vision/protocol";
import { createMinerClient } from "@vision/sdk/client";
import { createSystemClock } from "../adapters/clock.js";
import type { MinerAsker } from "../exchange/index.js";
import { createMinerReader } from "../services/miner-reader.js";
import { supervise } from "../services/supervise.js";
import { createCallHost } from "./calls-over-messages.js";
import type { FromProber, ProberCall, ProberReply, ProberThreadData, ToProber } from "./prober-messages.js";

/** Asks miners for the core in this thread until it is told to close. */
export async function runProberThread(port: MessagePort): Promise<void> {
  const data = workerData as ProberThreadData;
  const send = (message: FromProber) => port.postMessage(message);
  const logger = createLogger({ level: data.logLevel });
  const clock = createSystemClock();
  try {
    const hotkey = await loadHotkey(data.hotkeySource, data);
    const client = createMinerClient({ hotkey, controlTimeoutMs: data.controlTimeoutMs });
    const reader = createMinerReader({
      ...{ client, clock, logger },
      onStandstill: (standstill) => send({ kind: "standstill", standstill }),
    });
    const host = createCallHost<ProberCall, ProberReply>((call, options) => answer(reader, call, options), send);
    const closing = new AbortController();
    const watching = supervise(reader, closing.signal, { clock, logger });
    const close = async () => {
      closing.abort(new Error("the prober is closing"));
      host.abandon();
      await client.close().catch((error: unknown) => logger.warn("A part could not be closed", { part: "miner client", error }));
      await watching;
      send({ kind: "closed" });
      port.close();
    };
    port.on("message", (message: ToProber) => {
      if (message.kind === "close") void close();
      else host.receive(message);
    });
    send({ kind: "ready", facts: null });
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    send({ kind: "refused", error: VisionError.isInstance(error) ? { message, code: error.code } : { message } });
    port.close();
  }
}

async function answer(reader: MinerAsker, call: ProberCall, options: Pick<Parameters<MinerAsker["ask"]>[0], "signal" | "onParts">) {
  if (call.what === "capacities") {
    const result = await reader.getCapacities(call.target, call.request, options);
    return { what: "capacities", result } as const;
  }
  const { what, ...request } = call;
  const { signal, onParts } = options;
  const areTokensHidden = call.areTokensShown === false;
  const asked = await reader.ask({ ...request, signal, onParts: areTokensHidden ? withoutTokens(onParts) : onParts });
  const { reply, requestName, wasDelayed } = asked;
  const read = asked.readAnswer();
  const shown = areTokensHidden && read?.kind === "text" ? { ...read, tokens: [] } : undefined;
  return { what, reply, requestName, wasDelayed, answer: read === null ? null : JSON.stringify(read), shown };
}

type OnParts = Parameters<MinerAsker["ask"]>[0]["onParts"];

const hiddenToken: ClaimedToken = { bytes: null, text: "", logprob: null };

/** Tokens with their bytes and log-probabilities are most of an event, and most users ask for none: their number crosses alone. */
function withoutTokens(onParts: OnParts): OnParts {
  if (onParts === undefined) return undefined;
  return (parts) => onParts(parts.map(hideTokens));
}

function hideTokens(part: AnswerPart): AnswerPart {
  if (part.kind !== "tokens") return part;
  return { kind: "tokens", tokens: part.tokens.map(() => hiddenToken), alternatives: null };
}
