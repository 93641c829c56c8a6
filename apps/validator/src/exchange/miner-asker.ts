import type { Answer, AnswerPart, CapacityRequest, RequestBody, Task } from "@vision/protocol";
import type { CapacitiesResult, CollectedReply, MinerTarget } from "@vision/sdk/client";
import type { DirectParts } from "./direct-parts.js";

/** A request to a miner, as it is sent. */
export type AskRequest = {
  readonly target: MinerTarget;
  readonly task: Task;
  /** Normalised by the family. */
  readonly request: RequestBody;
  /** See `ExchangeRequest`. */
  readonly areTokensShown?: boolean | undefined;
  readonly signal: AbortSignal;
  /** See `ExchangeRequest`. */
  readonly onParts?: ((parts: readonly AnswerPart[]) => void | Promise<void>) | undefined;
  /** See `ExchangeRequest`. */
  readonly direct?: DirectParts | undefined;
};

/** A collected reply without the answer itself, which stays where it was read until it is wanted. */
export type ReplyFacts =
  | Exclude<CollectedReply, { readonly outcome: "ok" }>
  | Omit<Extract<CollectedReply, { readonly outcome: "ok" }>, "answer">;

/** What came of it. */
export type AskedReply = {
  readonly reply: ReplyFacts;
  /** What the miner's log calls the request; null where nothing was sent. */
  readonly requestName: string | null;
  /** Whether whoever read it stood still meanwhile, by nothing that this miner did: its times say nothing then. */
  readonly wasDelayed: boolean;
  /** The answer; null where there is none. */
  readAnswer(): Answer | null;
  /** The answer without its tokens, where nobody is shown them. */
  readonly shown?: Answer | undefined;
};

/** Talks to miners, reads what they answer and times it. */
export type MinerAsker = {
  /** Sends one request. Never rejects. */
  ask(request: AskRequest): Promise<AskedReply>;
  /** Asks for capacities. Never rejects; a silence that our own standstill explains is ours. */
  getCapacities(target: MinerTarget, request: CapacityRequest, options: { readonly signal: AbortSignal }): Promise<CapacitiesResult>;
};
