import { type MessagePort, workerData } from "node:worker_threads";
import { createLogger, loadHotkey } from "@vision/program";
import { type AnswerPart, type ClaimedToken, VisionError } from "@vision/protocol";
import { createMinerClient } from "@vision/sdk/client";
import { createSystemClock } from "../adapters/clock.js";
import type { MinerAsker } from "../exchange/index.js";
import { createMinerReader } from "../services/miner-reader.js";
import { supervise } from "../services/supervise.js";
import { createCallHost } from "./calls-over-messages.js";
import { createMessageBundle, eachMessage } from "./message-bundle.js";
import { createPartsSender, type PartsSender } from "./parts-sender.js";
import type { FromProber, ProberCall, ProberReply, ProberThreadData, ToProber } from "./prober-messages.js";

/** Asks miners for the core in this thread until it is told to close. */
export async function runProberThread(port: MessagePort): Promise<void> {
  const data = workerData as ProberThreadData;
  const messages = createMessageBundle<FromProber>((bundle) => port.postMessage(bundle));
  const send = messages.add;
  const logger = createLogger({ level: data.logLevel });
  const clock = createSystemClock();
  try {
    const hotkey = await loadHotkey(data.hotkeySource, data);
    const client = createMinerClient({ hotkey, controlTimeoutMs: data.controlTimeoutMs });
    const reader = createMinerReader({
      ...{ client, clock, logger },
      onStandstill: (standstill) => send({ kind: "standstill", standstill }),
    });
    const sender = createPartsSender();
    const host = createCallHost<ProberCall, ProberReply>((call, options) => answer({ reader, sender }, call, options), send);
    const closing = new AbortController();
    const watching = supervise(reader, closing.signal, { clock, logger });
    const close = async () => {
      closing.abort(new Error("the prober is closing"));
      host.abandon();
      await client.close().catch((error: unknown) => logger.warn("A part could not be closed", { part: "miner client", error }));
      await watching;
      messages.send({ kind: "closed" });
      port.close();
    };
    const receive = (message: ToProber) => {
      if (message.kind === "close") void close();
      else if (message.kind === "line") sender.follow(message.port);
      else host.receive(message);
    };
    port.on("message", eachMessage(receive));
    send({ kind: "ready", facts: null });
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    messages.send({ kind: "refused", error: VisionError.isInstance(error) ? { message, code: error.code } : { message } });
    port.close();
  }
}

async function answer(
  { reader, sender }: { readonly reader: MinerAsker; readonly sender: PartsSender },
  call: ProberCall,
  options: Pick<Parameters<MinerAsker["ask"]>[0], "signal" | "onParts">,
): Promise<ProberReply> {
  if (call.what === "capacities") {
    const result = await reader.getCapacities(call.target, call.request, options);
    return { what: "capacities", result };
  }
  const { what, directId: id, ...request } = call;
  const { signal } = options;
  const areTokensHidden = call.areTokensShown === false;
  const ask = (onParts: OnParts) => reader.ask({ ...request, signal, onParts: areTokensHidden ? withoutTokens(onParts) : onParts });
  const { asked, sent } =
    id === undefined ? { asked: await ask(options.onParts), sent: undefined } : await sender.carry({ id, signal, ask });
  const { reply, requestName, wasDelayed } = asked;
  const read = asked.readAnswer();
  const shown = areTokensHidden && read?.kind === "text" ? { ...read, tokens: [] } : undefined;
  return { what, reply, requestName, wasDelayed, answer: read === null ? null : JSON.stringify(read), shown, sent };
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
