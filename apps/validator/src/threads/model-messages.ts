import type { ReferenceSettings } from "../config/index.js";
import type { ModelFacts, ReferenceModel } from "../ports/index.js";
import type { CallMessage, ReplyMessage } from "./calls-over-messages.js";

type Argument<Name extends keyof ReferenceModel> = Parameters<ReferenceModel[Name]>[0];

/** One question to a model in another process. */
export type ModelCall =
  | { readonly what: "facts" }
  | { readonly what: "readPrompt"; readonly prompt: Argument<"readPrompt"> }
  | { readonly what: "encode"; readonly text: string }
  | { readonly what: "decode"; readonly tokenIds: readonly number[] }
  | { readonly what: "idsOf"; readonly tokens: Argument<"idsOf"> }
  | { readonly what: "score"; readonly answer: Argument<"score"> }
  | { readonly what: "write"; readonly writing: Argument<"write"> };

/** What is answered to each. */
export type ModelReplies = {
  readonly facts: ModelFacts;
  readonly readPrompt: Awaited<ReturnType<ReferenceModel["readPrompt"]>>;
  readonly encode: readonly number[];
  readonly decode: string;
  readonly idsOf: readonly (number | null)[];
  readonly score: Awaited<ReturnType<ReferenceModel["score"]>>;
  readonly write: Awaited<ReturnType<ReferenceModel["write"]>>;
};

/** What a model's process is told: first what to open, then questions. It ends when the channel does. */
export type ToModel = { readonly kind: "open"; readonly settings: ReferenceSettings } | CallMessage<ModelCall>;

/** What it says. */
export type FromModel = ReplyMessage<ModelReplies[keyof ModelReplies]>;
