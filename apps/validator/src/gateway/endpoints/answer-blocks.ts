import type { AnswerPart, ClaimedToken, FinishReason, ToolCallPart } from "@vision/protocol";

/** A stretch of an answer that is of one kind. */
export type Block = {
  readonly kind: "text" | "refusal" | "reasoning" | "toolCall";
  /** Its place in the answer, from 0. */
  readonly index: number;
  /** Of a tool call its arguments. So far, while it is open. */
  text: string;
  /** Of a tool call. */
  readonly call: { readonly id: string; readonly name: string } | null;
  /** Tokens of a text, with the alternatives of each. */
  readonly tokens: ShownToken[];
};

/** A token with what else it could have been. */
export type ShownToken = { readonly token: ClaimedToken; readonly alternatives: readonly ClaimedToken[] };

/** What an event does to the blocks of an answer, in order. */
export type BlockStep =
  | { readonly kind: "open"; readonly block: Block }
  | { readonly kind: "grow"; readonly block: Block; readonly text: string; readonly tokens: readonly ShownToken[] }
  | { readonly kind: "close"; readonly block: Block };

/** Takes an answer apart into blocks, as the APIs that know nothing of deltas of a message want it. */
export type BlockReader = {
  add(parts: readonly AnswerPart[]): readonly BlockStep[];
  /** Closes what is open: nothing follows. */
  close(): readonly BlockStep[];
  readonly blocks: readonly Block[];
  /** Null before it was told. */
  readonly finishReason: FinishReason | null;
};

type PendingCall = { readonly id: string; arguments: string };

/**
 * A reader of one answer. Text, thoughts and refusals follow one another; calls of tools stay open to the end, because some servers send
 * the pieces of several in turns. A call is opened once its name is there.
 *
 * @param newCallId - The id of a call that the miner gave none.
 */
export function createBlockReader(newCallId: (index: number) => string): BlockReader {
  const blocks: Block[] = [];
  const calls = new Map<number, Block>();
  const pending = new Map<number, PendingCall>();
  let open: Block | null = null;
  let finishReason: FinishReason | null = null;
  /** Of tokens that end within a character: they belong to the text that follows. */
  let heldTokens: ShownToken[] = [];
  let steps: BlockStep[] = [];

  const begin = (kind: Block["kind"], call: Block["call"] = null): Block => {
    const block: Block = { kind, index: blocks.length, text: "", call, tokens: [] };
    blocks.push(block);
    steps.push({ kind: "open", block });
    return block;
  };
  const grow = (block: Block, text: string, tokens: readonly ShownToken[] = []) => {
    block.text += text;
    block.tokens.push(...tokens);
    steps.push({ kind: "grow", block, text, tokens });
  };
  const closeOpen = () => {
    if (open !== null) steps.push({ kind: "close", block: open });
    open = null;
  };
  const say = (kind: "text" | "refusal" | "reasoning", text: string) => {
    if (text === "") return;
    if (open?.kind !== kind) {
      closeOpen();
      open = begin(kind);
    }
    grow(open, text, kind === "text" ? heldTokens : []);
    if (kind === "text") heldTokens = [];
  };
  const call = (piece: ToolCallPart) => {
    const block = calls.get(piece.index);
    if (block !== undefined) {
      if (piece.arguments !== "") grow(block, piece.arguments);
      return;
    }
    const waiting = pending.get(piece.index) ?? { id: piece.id ?? newCallId(piece.index), arguments: "" };
    waiting.arguments += piece.arguments;
    if (piece.name === null) {
      pending.set(piece.index, waiting);
      return;
    }
    pending.delete(piece.index);
    closeOpen();
    const opened = begin("toolCall", { id: waiting.id, name: piece.name });
    calls.set(piece.index, opened);
    if (waiting.arguments !== "") grow(opened, waiting.arguments);
  };
  const taken = () => {
    const done = steps;
    steps = [];
    return done;
  };

  return {
    blocks,
    get finishReason() {
      return finishReason;
    },
    add(parts) {
      const isOfText = !parts.some(({ kind }) => kind === "reasoning" || kind === "toolCalls" || kind === "refusal");
      for (const part of parts) {
        if (part.kind !== "tokens" || !isOfText) continue;
        heldTokens.push(...part.tokens.map((token, at) => ({ token, alternatives: part.alternatives?.[at] ?? [] })));
      }
      for (const part of parts) {
        if (part.kind === "text" || part.kind === "refusal" || part.kind === "reasoning") say(part.kind, part.text);
        else if (part.kind === "toolCalls") for (const piece of part.calls) call(piece);
        else if (part.kind === "finishReason") finishReason = part.reason;
      }
      return taken();
    },
    close() {
      closeOpen();
      for (const block of calls.values()) steps.push({ kind: "close", block });
      calls.clear();
      return taken();
    },
  };
}
