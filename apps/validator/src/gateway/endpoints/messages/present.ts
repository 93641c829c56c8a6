import type { AnswerIdentity, AnswerUsage, FinishReason } from "@vision/protocol";
import { type Block, type BlockStep, createBlockReader } from "../answer-blocks.js";
import type { UserPresenter } from "../endpoint.js";
import { toMessagesError } from "./error-body.js";

type Json = Readonly<Record<string, unknown>>;

// Which of the stop sequences ended an answer no miner says.
const stopReasons: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  content_filter: "refusal",
  tool_calls: "tool_use",
  unknown: "end_turn",
};

function event(type: string, fields: Json = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

/** A call's arguments; what a model wrote that is no object is shown as it is. */
function toInput(text: string): unknown {
  try {
    const input: unknown = JSON.parse(text === "" ? "{}" : text);
    if (typeof input === "object" && input !== null && !Array.isArray(input)) return input;
  } catch {
    // Shown below.
  }
  return { arguments: text };
}

function toContent({ kind, call, text }: Block): Json {
  if (call !== null) return { type: "tool_use", id: call.id, name: call.name, input: toInput(text) };
  return kind === "reasoning" ? { type: "thinking", thinking: text, signature: "" } : { type: "text", text };
}

function toDelta({ kind }: Block, text: string): Json {
  if (kind === "toolCall") return { type: "input_json_delta", partial_json: text };
  return kind === "reasoning" ? { type: "thinking_delta", thinking: text } : { type: "text_delta", text };
}

function present(step: BlockStep): string {
  const { block } = step;
  const { index } = block;
  switch (step.kind) {
    case "open":
      return event("content_block_start", { index, content_block: toContent({ ...block, text: "" }) });
    case "grow":
      return event("content_block_delta", { index, delta: toDelta(block, step.text) });
    case "close":
      return event("content_block_stop", { index });
  }
}

/** Holds steps of later blocks back until the one before is closed: here blocks follow one another. */
function createSequencer() {
  let held: BlockStep[] = [];
  let current: number | null = null;
  return {
    next(steps: readonly BlockStep[]): readonly BlockStep[] {
      let waiting = [...held, ...steps];
      const ready: BlockStep[] = [];
      for (;;) {
        current ??= waiting[0]?.block.index ?? null;
        const own = waiting.filter(({ block }) => block.index === current);
        waiting = waiting.filter(({ block }) => block.index !== current);
        ready.push(...own);
        if (own.at(-1)?.kind !== "close") break;
        current = null;
      }
      held = waiting;
      return ready;
    },
  };
}

/** A chat answer as Anthropic's Messages API has it. */
export function createMessagesPresenter({ id, model }: AnswerIdentity): UserPresenter {
  const suffix = id.slice(id.indexOf("_") + 1);
  const reader = createBlockReader((index) => `toolu_${suffix}_${index}`);
  const sequencer = createSequencer();
  const head = { id, type: "message", role: "assistant", model };
  let hasStarted = false;

  const started = () => {
    if (hasStarted) return "";
    hasStarted = true;
    const message = {
      ...head,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: presentUsage({ promptTokens: 0, completionTokens: 0 }),
    };
    return event("message_start", { message });
  };
  const stopped = () => ({ stop_reason: stopReasons[reader.finishReason ?? "unknown"], stop_sequence: null });

  return {
    areTokensShown: false,
    addParts(parts) {
      const steps = reader.add(parts);
      const text = `${started()}${sequencer.next(steps).map(present).join("")}`;
      return text === "" ? null : { text, hasContent: steps.length > 0 };
    },
    end(usage) {
      const rest = `${started()}${sequencer.next(reader.close()).map(present).join("")}`;
      return `${rest}${event("message_delta", { delta: stopped(), usage: presentUsage(usage) })}${event("message_stop")}`;
    },
    endFailed: (error) => event("error", { error: toMessagesError(error).error }),
    choice: () => null,
    body: (_choices, usage) => ({ ...head, content: reader.blocks.map(toContent), ...stopped(), usage: presentUsage(usage) }),
  };
}

function presentUsage({ promptTokens, completionTokens }: AnswerUsage) {
  return {
    input_tokens: promptTokens,
    output_tokens: completionTokens,
    ...{ cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
  };
}
