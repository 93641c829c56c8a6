import type { AddedParts, Answer, AnswerCollector, AnswerPart, JsonBounds, RequestBody, TaskFamily } from "@vision/protocol";
import type { ReceiptClaim } from "@vision/signing";
import { parseJsonText } from "../runtime/parse-json.js";
import { contentFailure } from "./failure.js";
import type { Blame, ClientFailure, FailureStage, MeasureReading, MinerReply } from "./miner-client.js";

/** What a reply is collected by, and where its events go. */
export type CollectOptions = {
  readonly family: TaskFamily;
  /** The request that was sent, as the family's schema parsed it; work units are counted by it. */
  readonly request: RequestBody;
  /**
   * Given the parts of every event as soon as it was found good, before the next one is read: forwards a stream to a user. Awaited, so
   * a slow user holds the stream back; the times that are measured are those of arrival and do not suffer. If it throws, the stream is
   * cancelled and nobody is blamed.
   */
  readonly onParts?: (parts: readonly AnswerPart[]) => void | Promise<void>;
  readonly measureReading?: MeasureReading;
};

const unmeasured: MeasureReading = (read) => read();

/** A whole reply. Times in milliseconds since the request was handed to the network. */
export type CollectedReply =
  | {
      readonly outcome: "ok";
      readonly answer: Answer;
      readonly workUnits: number;
      /** Until something that a user would see arrived; `null` for an answer in one body. */
      readonly firstTokenMs: number | null;
      /** Until the last event, or the body, arrived. */
      readonly durationMs: number;
      readonly eventCount: number;
      /** Prompt tokens as the miner reports them: its word; `null` where it does not. */
      readonly promptTokens: number | null;
      /** The miner's claim to have signed the answer, not verified yet; `null` where none was asked for. */
      readonly receipt: ReceiptClaim | null;
    }
  | { readonly outcome: "rateLimited"; readonly retryAfterMs: number | null; readonly durationMs: number; readonly eventCount: 0 }
  | {
      readonly outcome: "failed";
      readonly stage: FailureStage;
      readonly blame: Blame;
      readonly reason: string;
      readonly status: number | null;
      /** The miner's error code, one of `wireErrorCodes` unless the miner made one up; `null` when it sent none. */
      readonly code: string | null;
      /** The words of that error: the miner's, not a fact. */
      readonly minerMessage: string | null;
      readonly durationMs: number;
      /** Good events that came, and went to `onParts`, before it failed. At 0 another miner can still be tried. */
      readonly eventCount: number;
      /** Work units of what came before it failed, where the answer comes piece by piece; `null` where it comes as a whole. */
      readonly deliveredUnits: number | null;
    };

/** Collects a reply to its end. The same for synthetic and organic requests. Never throws for what a miner did. */
export async function collectReply(reply: MinerReply, options: CollectOptions): Promise<CollectedReply> {
  switch (reply.kind) {
    case "stream":
      return collectStream(reply, options);
    case "body":
      return collectBody(reply, options);
    case "rateLimited":
      return { outcome: "rateLimited", retryAfterMs: reply.retryAfterMs, durationMs: reply.endedAtMs - reply.startedAtMs, eventCount: 0 };
    case "failed":
      return failedReply(reply, {
        durationMs: reply.endedAtMs - reply.startedAtMs,
        eventCount: 0,
        deliveredUnits: options.family.isStreamable ? 0 : null,
      });
  }
}

function failedReply(
  failure: Omit<ClientFailure, "ok">,
  seen: { readonly durationMs: number; readonly eventCount: number; readonly deliveredUnits: number | null },
): Extract<CollectedReply, { outcome: "failed" }> {
  const { stage, blame, reason, status, code = null, minerMessage = null } = failure;
  return { outcome: "failed", stage, blame, reason, status, code, minerMessage, ...seen };
}

/** Lets the collector read what a miner sent. Whatever is thrown on the way is the fault of what was read. */
function readParts(read: () => AddedParts): AddedParts {
  try {
    return read();
  } catch (error) {
    return { ok: false, reason: `it cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function reportedPromptTokens(parts: readonly AnswerPart[]): number | null {
  for (const part of parts) if (part.kind === "usage") return part.promptTokens;
  return null;
}

function collectBody(reply: Extract<MinerReply, { kind: "body" }>, options: CollectOptions): CollectedReply {
  return (options.measureReading ?? unmeasured)(() => readBody(reply, options));
}

function readBody(reply: Extract<MinerReply, { kind: "body" }>, { family, request }: CollectOptions): CollectedReply {
  const durationMs = reply.receivedAtMs - reply.startedAtMs;
  const fail = (reason: string) => failedReply(contentFailure(reason), { durationMs, eventCount: 0, deliveredUnits: null });
  const collector = family.createCollector(request);
  const added = readParts(() => collector.addBody(reply.body));
  if (!added.ok) return fail(added.reason);
  const result = collector.finish();
  if (!result.ok) return fail(result.reason);
  const proof = reply.readReceipt?.() ?? null;
  if (proof !== null && proof.kind !== "claimed") return fail(`the receipt is ${proof.kind}`);
  const workUnits = family.workUnits(request, result.answer);
  const promptTokens = reportedPromptTokens(added.parts);
  const receipt = proof?.claim ?? null;
  return { outcome: "ok", answer: result.answer, workUnits, firstTokenMs: null, durationMs, eventCount: 0, promptTokens, receipt };
}

async function collectStream(reply: Extract<MinerReply, { kind: "stream" }>, options: CollectOptions): Promise<CollectedReply> {
  const { family, request, onParts, measureReading = unmeasured } = options;
  const collector = family.createCollector(request);
  const bounds = { values: family.replyLimits(request).values };
  let eventCount = 0;
  let firstTokenMs: number | null = null;
  let durationMs = 0;
  let promptTokens: number | null = null;
  const fail = (failure: Omit<ClientFailure, "ok">) => {
    reply.cancel();
    return failedReply(failure, { durationMs, eventCount, deliveredUnits: collector.unitsSoFar() });
  };
  const isHandedOn = async (parts: readonly AnswerPart[]): Promise<boolean> => {
    try {
      await onParts?.(parts);
      return true;
    } catch {
      return false;
    }
  };

  for await (const { data, receivedAtMs } of reply.events) {
    const wasComplete = collector.isComplete();
    const added = measureReading(() => readParts(() => readEvent(data, collector, bounds)));
    if (!added.ok) {
      // What comes behind a complete answer is advice; nobody loses the answer over it.
      if (wasComplete) continue;
      durationMs = receivedAtMs - reply.startedAtMs;
      return fail(contentFailure(added.reason));
    }
    // Whoever says early that the answer is over and sends it afterwards took as long as that.
    if (!wasComplete || added.parts.some(isContent)) durationMs = receivedAtMs - reply.startedAtMs;
    promptTokens = reportedPromptTokens(added.parts) ?? promptTokens;
    reply.noteContent(collector.unitsSoFar() ?? 0, receivedAtMs);
    if (firstTokenMs === null && collector.hasContent()) firstTokenMs = durationMs;
    eventCount += 1;
    if (added.parts.length > 0 && !(await isHandedOn(added.parts))) return fail(notHandedOn);
    if (!wasComplete && collector.isComplete()) reply.noteComplete();
  }
  const end = reply.getEnd();
  if (end === null) return fail({ stage: "request", blame: "validator", reason: "the stream was read by somebody else", status: 200 });
  if (!end.ok && !(collector.isComplete() && end.stage !== "cancelled")) return fail(end);
  const isEndNamed = collector.isComplete();
  const result = measureReading(() => collector.finish());
  if (!result.ok) return fail(contentFailure(result.reason));
  if (!isEndNamed && result.answer.kind === "text" && !(await isHandedOn([{ kind: "finishReason", reason: result.answer.finishReason }])))
    return fail(notHandedOn);
  const proof = reply.readReceipt?.() ?? null;
  if (proof !== null && proof.kind !== "claimed") return fail(contentFailure(`the receipt is ${proof.kind}`));
  return {
    outcome: "ok",
    answer: result.answer,
    workUnits: measureReading(() => family.workUnits(request, result.answer)),
    firstTokenMs,
    durationMs,
    eventCount,
    promptTokens,
    receipt: proof?.claim ?? null,
  };
}

const notHandedOn = { stage: "cancelled", blame: "nobody", reason: "the answer could not be handed on", status: 200 } as const;

/** Whether a part is something of the answer itself, not what is said about it. */
function isContent(part: AnswerPart): boolean {
  if (part.kind === "text" || part.kind === "reasoning" || part.kind === "refusal") return part.text !== "";
  return part.kind === "tokens" || part.kind === "toolCalls";
}

/** The parts of an event, or why it is not good. */
function readEvent(data: string, collector: AnswerCollector, bounds: JsonBounds): AddedParts {
  const parsed = parseJsonText(data, "an event", bounds);
  if (!parsed.ok) return parsed;
  const event = parsed.value;
  if (typeof event === "object" && event !== null && "error" in event && event.error !== null) {
    return { ok: false, reason: "the stream holds an error" };
  }
  return collector.addEvent(event);
}
