import type { z } from "zod";

/** Names of the task families. */
export const familyNames = ["chat-completions", "completions", "image-generation"] as const;

/** Name of a task family. */
export type FamilyName = (typeof familyNames)[number];

/** What a family counts its volume in. */
export type WorkUnit = "tokens" | "steps";

/** One token that a miner claims to have produced, as far as it can be checked. */
export type ClaimedToken = {
  /** The token's own bytes; `null` when the miner sent none. */
  readonly bytes: readonly number[] | null;
  readonly text: string;
  /** Natural logarithm of the probability that the miner's model gave the token; `null` when the miner sent none. */
  readonly logprob: number | null;
};

/** Why an answer ended. */
export type FinishReason = "stop" | "length" | "content_filter" | "tool_calls" | "unknown";

/**
 * An answer as everything after the wire sees it, the same for a stream and for a single body.
 *
 * `text` answers carry the claimed tokens in order; `images` answers carry the encoded bytes in base64.
 */
export type Answer =
  | {
      readonly kind: "text";
      readonly text: string;
      readonly tokens: readonly ClaimedToken[];
      readonly finishReason: FinishReason;
    }
  | { readonly kind: "images"; readonly imagesBase64: readonly string[] };

/**
 * Collects an answer from the parts of one reply. `addEvent` and `addBody` return a reason when the part is not what the family sends, or
 * when the parts so far are more than the request can have asked for; else `null`. After a reason the reply is to be given up.
 */
export type AnswerCollector = {
  /** Feeds one parsed server-sent event. */
  addEvent(event: unknown): string | null;
  /** Feeds the whole JSON body of an answer that is not streamed. */
  addBody(body: unknown): string | null;
  /** True once something that a user would see has arrived: the moment that the time to the first token is taken. */
  hasContent(): boolean;
  /** What has arrived so far, where an answer comes piece by piece; null where it comes as a whole. */
  soFar(): Answer | null;
  /** The finished answer, or the reason why the parts do not make one. */
  finish(): { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly reason: string };
};

/** Most bytes that the parts of a reply may have. Never above `protocolLimits`. */
export type ReplyLimits = {
  /** One server-sent event. */
  readonly eventBytes: number;
  /** A whole stream. */
  readonly streamBytes: number;
  /** A reply in one body. */
  readonly bodyBytes: number;
};

/**
 * One kind of task. Shared code never branches on a task or family name; it asks the family.
 */
export type TaskFamily<Request = unknown> = {
  readonly name: FamilyName;
  /** Path of the endpoint, the same at miners and at the gateway. */
  readonly path: string;
  readonly workUnit: WorkUnit;
  /** Whether answers can be streamed as server-sent events. */
  readonly isStreamable: boolean;
  /** Parses a request body; unknown fields pass through. */
  readonly requestSchema: z.ZodType<Request>;
  /** The most work units that a request can take: what admission reserves. Whole number, at least 1. */
  maxWorkUnits(request: Request): number;
  /** Work units of a finished answer. Zero or more, never above `maxWorkUnits`. */
  workUnits(request: Request, answer: Answer): number;
  /** Sizes that a reply to the request may have, bytes: a small request never costs more memory than its answer can need. */
  replyLimits(request: Request): ReplyLimits;
  /** A collector for the answer to this request, as the family's schema parsed it. */
  createCollector(request: Request): AnswerCollector;
  /** A request that costs little and exercises everything that a real one does: for warming a model up and for checking that it answers. */
  smallRequest(model: string): Request;
};
