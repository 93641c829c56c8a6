import type { Answer } from "@vision/protocol";

/** What every object of one answer carries. */
export type AnswerIdentity = {
  /** One id for the whole answer, whatever the miner called it. */
  readonly id: string;
  readonly createdSeconds: number;
  /** The model as the user named it. */
  readonly model: string;
  /** The user's request, parsed. */
  readonly request: unknown;
};

/** Tokens that an answer is billed as. */
export type Usage = { readonly promptTokens: number; readonly completionTokens: number };

/** What an event becomes for the user. */
export type PresentedEvent = {
  /** The JSON value to send. */
  readonly value: unknown;
  /** Whether a user sees something of it: after that no other miner can be tried. */
  readonly hasContent: boolean;
};

/** Turns one miner's answer into OpenAI's shape. Fed with every good event, in order; made anew for each miner that is tried. */
export type AnswerPresenter = {
  /**
   * What the user gets of an event: the fields that a user is to see and no others; null for one that is not handed on. `data` was found
   * good by the family's collector.
   *
   * @throws {@link UnusableAnswerError} for a field that is not what it has to be.
   */
  addEvent(data: string): PresentedEvent | null;
  /** Prompt tokens that the miner reported: its word. Null if it did not. */
  reportedPromptTokens(): number | null;
  /** The event with the usage, which ends a stream where the user asked for it; null where not. */
  usageEvent(usage: Usage): unknown;
  /** The whole answer as one body. */
  body(answer: Answer, usage: Usage): unknown;
};

/** Makes presenters for a family. */
export type PresenterFactory = {
  /** Start of the answers' ids, e.g. `chatcmpl-`. */
  readonly idPrefix: string;
  /** Whether the user wants the answer as events. */
  isStreamWanted(request: unknown): boolean;
  /** Characters of the prompt, to estimate its tokens by. */
  promptCharacters(request: unknown): number;
  create(identity: AnswerIdentity): AnswerPresenter;
};

/** Usage as OpenAI writes it. */
export function toUsage({ promptTokens, completionTokens }: Usage): {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
} {
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens };
}
