import type { z } from "zod";
import type { Answer, AnswerPart } from "./answer.js";
import type { TaskCapability } from "./task-abilities.js";

/** What a family counts its volume in. */
export type WorkUnit = "tokens" | "steps";

/** A JSON body whose fields a schema has checked as far as it knows them. */
export type RequestBody = Readonly<Record<string, unknown>>;

/** Parts of one event or body, or why it is not what the family sends, or more than the request can have asked for. */
export type AddedParts = { readonly ok: true; readonly parts: readonly AnswerPart[] } | { readonly ok: false; readonly reason: string };

/**
 * Collects an answer from one reply. Every event is read here once; whoever comes after works with the parts. After a reason the reply is
 * to be given up.
 */
export type AnswerCollector = {
  /** Feeds one parsed server-sent event. */
  addEvent(event: unknown): AddedParts;
  /** Feeds the whole JSON body of an answer that is not streamed. */
  addBody(body: unknown): AddedParts;
  /** True once something that a user would see has arrived: the moment that the time to the first token is taken. */
  hasContent(): boolean;
  /** True once nothing but usage and the end of the stream can follow. */
  isComplete(): boolean;
  /** Work units of what has come so far of an answer that comes piece by piece; `null` where an answer comes as a whole. Costs nothing. */
  unitsSoFar(): number | null;
  /** The finished answer, or the reason why the parts do not make one. */
  finish(): { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly reason: string };
};

/** What the parts of a reply may have at most. Never above `protocolLimits`. */
export type ReplyLimits = {
  /** Bytes of one server-sent event. */
  readonly eventBytes: number;
  /** Bytes of a whole stream. */
  readonly streamBytes: number;
  /** Bytes of a reply in one body. */
  readonly bodyBytes: number;
  /** JSON values of one event or body: numbers, texts, lists, fields. */
  readonly values: number;
};

/** What a family asks a task. */
export type TaskFacts = {
  readonly id: string;
  readonly contextTokens?: number | undefined;
  readonly imageSizes?: readonly string[] | undefined;
  readonly capabilities?: readonly string[] | undefined;
};

/** What a user asks for and a task cannot do. */
export type Unsupported = {
  /** The field that asks for it. */
  readonly param: string;
  /** A sentence for the user, without the field's name. */
  readonly message: string;
};

/** What a normalised body is made from. */
export type NormaliseOptions = {
  readonly task: TaskFacts;
  /** Seed for a request that names none, 0 to 2^31 - 1. */
  readonly fallbackSeed: number;
  /** Output limit for a request that names none, tokens; the family's own where it is left out. */
  readonly fallbackMaxTokens?: number;
};

/** What every object of one answer carries. */
export type AnswerIdentity<Request = RequestBody> = {
  /** One id for the whole answer, whatever the miner called it. */
  readonly id: string;
  readonly createdSeconds: number;
  /** The model as the user named it. */
  readonly model: string;
  /** Which of the request's answers it is, from 0. */
  readonly choiceIndex: number;
  /** The user's request, parsed. */
  readonly request: Request;
};

/** Tokens that an answer is billed as. */
export type AnswerUsage = { readonly promptTokens: number; readonly completionTokens: number };

/** The beginning of an answer of which a user has seen nothing but its text. */
export type BegunAnswer = {
  readonly text: string;
  /** Work units that it was, whole. */
  readonly units: number;
};

/** What an event becomes for the user. */
export type PresentedEvent = {
  /** The JSON text to send. */
  readonly json: string;
  /** Whether a user sees something of it: after that no other miner can be tried. */
  readonly hasContent: boolean;
};

/** Turns one miner's answer into OpenAI's shape. Fed with the parts of every event, in order; made anew for each miner that is tried. */
export type AnswerPresenter = {
  /** Whether it shows claimed tokens: where not, only their number in `tokens` parts need be right, and the answer may have none. */
  readonly areTokensShown: boolean;
  /** What the user gets of an event; null for one that is not handed on. */
  addParts(parts: readonly AnswerPart[]): PresentedEvent | null;
  /** JSON of the event with the usage, which ends a stream where the user asked for it; null where not. */
  usageEvent(usage: AnswerUsage): string | null;
  /** The finished answer as it stands in the body. */
  choice(answer: Answer): unknown;
  /** The body around the choices of a request, in their order; any of their presenters makes it. */
  body(choices: readonly unknown[], usage: AnswerUsage): unknown;
};

/**
 * One kind of task, all that is known of it. Shared code never branches on a task or family name; it asks the family.
 *
 * `Request` is what the family's schema parses. Code that works with any family holds a request that this same family's schema parsed.
 */
export type Family<Name extends string, Request = RequestBody> = {
  readonly name: Name;
  /** What traces call it: OpenTelemetry's `gen_ai.operation.name`, where that has a word for it. */
  readonly operation: string;
  /** Path of the endpoint, the same at miners and at the gateway. */
  readonly path: string;
  /** Fields that hold files as data URLs. Where there are any, OpenAI's clients and servers have the body as a form (multipart/form-data). */
  readonly fileFields: readonly string[];
  readonly workUnit: WorkUnit;
  /** Whether answers can be streamed as server-sent events. */
  readonly isStreamable: boolean;
  /** What requests can ask for and a task may be unable to do. */
  readonly capabilities: readonly TaskCapability[];
  /** Whether answers list their tokens with log-probabilities where the user asks for them. */
  readonly hasLogprobs: boolean;
  /** Answers that one request of a user can ask for. */
  readonly mostAnswers: number;
  /** Start of the answers' ids, e.g. `chatcmpl-`. */
  readonly idPrefix: string;
  /** Parses a request body; unknown fields pass through. */
  readonly requestSchema: z.ZodType<Request>;
  /** A request that costs little and exercises everything that a real one does: for warming a model up and for checking that it answers. */
  smallRequest(model: string): Request;
  /** The request with log-probabilities asked for, where it does not say: an answer without them cannot be checked and earns nothing. */
  withLogprobs(request: Request): Request;
  /** The first thing that the request asks for and the task cannot do; null when it can do all of it. */
  findUnsupported(request: Request, task: TaskFacts): Unsupported | null;
  /** How many requests {@link TaskFamily.split} would make of a body. */
  countAnswers(body: RequestBody): number;
  /**
   * The requests for one answer each that a user's body stands for, by prompt, in the order of their choices. Nothing is checked: what is
   * malformed is left in, for the schema to refuse. Each is a copy of the body: count the answers first.
   */
  split(body: RequestBody): readonly (readonly RequestBody[])[];
  /** Token ids in the place of a prompt's text, in a body for one answer; null where there are none. */
  promptTokenIds(body: RequestBody): readonly number[] | null;
  /** The body with the text of those token ids. */
  withPromptText(body: RequestBody, text: string): RequestBody;
  /** Whether the user wants the answer as events. */
  isStreamWanted(request: Request): boolean;
  /** The prompt's text, to estimate its length by; empty where that makes no difference. */
  promptText(request: Request): string;
  /**
   * The beginning that all requests of the request's conversation share, and others seldom do: whoever has answered one of them may have
   * it in its cache. Null where answers have no such beginning.
   */
  conversationPrefix(request: Request): string | null;
  /**
   * The request for what is left of an answer that broke off, so that another miner can go on where it ended; null where its rest cannot be
   * asked for. Whoever asks looks whether the task can do it: {@link TaskFamily.findUnsupported}.
   */
  continueAnswer(request: Request, begun: BegunAnswer): Request | null;
  /** The field that limits the output, where the request names one. */
  namedLimitField(request: Request): string | null;
  /** The most work units that a request can take: what admission reserves. Whole number, at least 1. */
  maxWorkUnits(request: Request): number;
  /**
   * The body that goes to a miner, the same fields in the same order for a user's request and for a synthetic one: the model is the
   * task's id, everything that an answer depends on is named, nothing of who asks is. Unknown fields of a user pass through, after the
   * known ones, in order of name.
   */
  normalise(request: Request, options: NormaliseOptions): Request;
  /** Whether the answer to a normalised request can be judged: no field changes its prompt in unknown ways. */
  isPlain(request: Request): boolean;
  /** What a reply to the request may have: a small request never costs more memory or time than its answer can need. */
  replyLimits(request: Request): ReplyLimits;
  /** The most bytes of JSON that an honest answer to the request explains. */
  mostAnswerBytes(request: Request): number;
  /** A collector for the answer to this request, as the family's schema parsed it. */
  createCollector(request: Request): AnswerCollector;
  /** Work units of a finished answer. Zero or more, never above `maxWorkUnits`. */
  workUnits(request: Request, answer: Answer): number;
  createPresenter(identity: AnswerIdentity<Request>): AnswerPresenter;
};

/**
 * A family from its definition, checked against its own request type; every use elsewhere goes through the family, so that nobody has to
 * say again what a request is.
 *
 * @example
 * ```ts
 * export const embeddings = defineFamily<EmbeddingRequest>()({ name: "embeddings", path: "/v1/embeddings", ... });
 * ```
 */
export function defineFamily<Request extends RequestBody>(): <const Name extends string>(
  definition: Family<Name, Request>,
) => Family<Name, Request> {
  return (definition) => definition;
}
