import type { Answer, AnswerIdentity, AnswerPart, AnswerUsage, Task, TaskFamily, WireErrorBody } from "@vision/protocol";
import type { FormData } from "undici";
import type { z } from "zod";
import type { FetchPicture } from "../picture-fetcher.js";

/** Events for a user, encoded, and whether a user sees something of them: after that no other miner can be tried. */
export type PresentedEvents = { readonly text: string; readonly hasContent: boolean };

/** Turns one miner's answer into what the user's API calls one. Fed with the parts of every event, in order; made anew for each miner that is tried. */
export type UserPresenter = {
  /** See `AnswerPresenter`. */
  readonly areTokensShown: boolean;
  /** What the user gets of an event; null for one that is not handed on. */
  addParts(parts: readonly AnswerPart[]): PresentedEvents | null;
  /** The encoded end of a stream; the answer and the usage are those of the whole request. */
  end(usage: AnswerUsage): string;
  /** The encoded end of a stream that failed. */
  endFailed(error: WireErrorBody): string;
  /** The finished answer as it stands in the body. */
  choice(answer: Answer): unknown;
  /** The body around the choices of a request, in their order; any of their presenters makes it. */
  body(choices: readonly unknown[], usage: AnswerUsage): unknown;
};

/** What pictures are shown with. */
export type Publishing = {
  /** Keeps a picture for a while and returns its address. */
  readonly publishImage: (base64: string) => string;
};

/** A user's body, read once: what the family is asked, and how its answers are told. */
export type ReadBody = {
  /** The family's body that the user's stands for, unchecked. */
  readonly familyBody: unknown;
  createPresenter(identity: AnswerIdentity, publishing: Publishing): UserPresenter;
};

/** Where and how users ask for answers of a family: its own API, or another one that says the same in other words. */
export type Endpoint = {
  readonly path: string;
  readonly family: TaskFamily;
  /** Start of the answers' ids. */
  readonly idPrefix: string;
  /** What a body is; the family's schema checks what it becomes. */
  readonly requestSchema: z.ZodType;
  /** The body with the files themselves in the place of addresses that it names; left out where there are none. @throws {@link ApiError} 400, 503. */
  readonly fetchFiles?: (body: unknown, fetchPicture: FetchPicture) => Promise<unknown>;
  /** @throws {@link ApiError} 400 for what is not valid or cannot be said in the family's words. */
  read(body: unknown): ReadBody;
  /** The body that a form stands for; left out where forms are not taken. */
  readonly readForm?: (form: FormData) => Promise<unknown>;
  /** The family's body with its files as miners get them; left out where there are none. @throws {@link ApiError} 400. */
  readonly prepare?: (familyBody: unknown, task: Task) => Promise<unknown>;
  /** An error that is no answer's, as the API writes it. */
  errorBody(error: WireErrorBody): unknown;
};
