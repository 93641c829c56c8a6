import type { FamilyName } from "@vision/protocol";
import type { BackendCall, BackendPart } from "../inference-backend.js";
import { answerText, type Generate } from "../text/answer-text.js";
import type { TextCall } from "../text/text-format.js";
import { answerTinyEmbeddings } from "./tiny-embeddings.js";
import type { TinyEngine, TinyModelKind } from "./tiny-engine.js";
import { answerTinyImages } from "./tiny-images.js";

/** What the embedded models answer with. */
export type TinyAnswering = { readonly engine: TinyEngine; readonly generate: Generate };

type Answers = {
  readonly [Name in FamilyName]: {
    readonly modelKind: TinyModelKind;
    readonly answer: (call: BackendCall<Name>, answering: TinyAnswering) => AsyncIterable<BackendPart>;
  };
};

const text = { modelKind: "language", answer: (call: TextCall, { generate }: TinyAnswering) => answerText(call, generate) } as const;

const images = { modelKind: "image", answer: (call: BackendCall, { engine }: TinyAnswering) => answerTinyImages(call, engine) } as const;

// The one map of a backend that serves every family: a new family is one line here.
const answers: Answers = {
  "chat-completions": text,
  completions: text,
  embeddings: { modelKind: "language", answer: (call, { engine }) => answerTinyEmbeddings(call, engine) },
  "image-generation": images,
  "image-edits": images,
};

/** Answers a call by its family. */
export function answerByFamily<Name extends FamilyName>(call: BackendCall<Name>, answering: TinyAnswering): AsyncIterable<BackendPart> {
  return answers[call.familyName].answer(call, answering);
}

/** What kind of model answers the family's requests. */
export function modelKindOf(family: FamilyName): TinyModelKind {
  return answers[family].modelKind;
}
