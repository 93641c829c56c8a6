import type { CapacityRequest, ParsedCapacity, Task } from "@vision/protocol";
import type { Hotkey, ReceiptClaim } from "@vision/signing";
import type { Clock } from "../runtime/clock.js";
import type { RandomBytes } from "../runtime/random-bytes.js";

/** Where a miner is and who must answer there. */
export type MinerTarget = {
  /** ss58 address. */
  readonly hotkey: string;
  /** IPv4 or IPv6 address, or a host name. */
  readonly host: string;
  readonly port: number;
};

/** Whose fault a failed request is. */
export type Blame = "miner" | "validator" | "nobody";

/**
 * How far a request came that failed: it was not made (`request`), no connection was there or it broke (`connection`), the miner does not
 * prove who it is or opens no session (`session`), its time was up (`time`), it answered with an error (`status`) or with something that
 * cannot be used (`content`), or whoever asked gave up (`cancelled`).
 */
export type FailureStage = "request" | "connection" | "session" | "time" | "status" | "content" | "cancelled";

/** A request that came to nothing. */
export type ClientFailure = {
  readonly ok: false;
  readonly stage: FailureStage;
  readonly blame: Blame;
  /** For people, in logs and reports; holds no prompts. Its wording may change at any time: programs read the other fields. */
  readonly reason: string;
  /** HTTP status, if there was one. */
  readonly status: number | null;
  /** The `code` of the error that the miner answered with: one of `wireErrorCodes`, unless the miner made one up. Missing when there was none. */
  readonly code?: string;
  /** The words of that error: the miner's, not a fact. */
  readonly minerMessage?: string;
};

/** One event of a streamed answer: the text after `data:`. The closing `[DONE]` is not among them. */
export type SseEvent = { readonly data: string; readonly receivedAtMs: number };

/** How a stream ended. `ok` only after `[DONE]`. */
export type StreamEnd = { readonly ok: true } | ClientFailure;

/** What came of a receipt that was asked for: a claim, whose signature is not verified yet, or none of the shape and the time of one. */
export type ReceiptResult = { readonly kind: "claimed"; readonly claim: ReceiptClaim } | { readonly kind: "missing" | "wrong" };

/** Reads the receipt of a reply that is over. */
export type ReadReplyReceipt = () => ReceiptResult;

/** A miner's reply. Times are milliseconds of the client's monotonic clock; `startedAtMs` is when the request was handed to the network. */
export type MinerReply = {
  readonly startedAtMs: number;
  /** What the miner's log calls the request; see `nameRequest` of `@vision/signing`. Left out where nothing was sent. */
  readonly requestName?: string;
} & (
  | {
      readonly kind: "stream";
      readonly status: 200;
      /** Present where a receipt was asked for. */
      readonly readReceipt?: ReadReplyReceipt;
      /** Ends, and never throws, whatever the miner does. Iterate it once. */
      readonly events: AsyncIterable<SseEvent>;
      /** How the stream ended; `null` while it has not. */
      getEnd(): StreamEnd | null;
      /** Says how much of the answer had come at a moment of the monotonic clock: by it the miner's pace is judged. */
      noteContent(workUnits: number, atMs: number): void;
      /** Says that the answer is complete: what may still follow, usage and `[DONE]`, is not waited for long. */
      noteComplete(): void;
      /** Ends the stream and frees the connection. */
      cancel(): void;
    }
  | { readonly kind: "body"; readonly body: unknown; readonly receivedAtMs: number; readonly readReceipt?: ReadReplyReceipt }
  | { readonly kind: "rateLimited"; readonly retryAfterMs: number | null; readonly endedAtMs: number }
  /** `code` tells a request that the miner calls invalid from one that it failed. */
  | ({ readonly kind: "failed"; readonly endedAtMs: number } & Omit<ClientFailure, "ok">)
);

/** What a miner declared, for every task that was asked. */
export type CapacitiesResult =
  | { readonly ok: true; readonly protocolVersion: string; readonly capacities: ReadonlyMap<string, ParsedCapacity> }
  | ClientFailure;

/** A session that is open, or why there is none. `expiresAtMs` is Unix time in milliseconds. */
export type OpenSessionResult = { readonly ok: true; readonly sessionId: string; readonly expiresAtMs: number } | ClientFailure;

/** Options of a call that waits. When the signal aborts, the call fails and nobody is blamed. */
export type WaitOptions = { readonly signal?: AbortSignal };

/** Runs a piece of reading a miner's answer, during which the event loop does nothing else: to measure what it costs. */
export type MeasureReading = <Value>(read: () => Value) => Value;

/** One inference request. */
export type SendOptions = {
  readonly task: Task;
  /** The family's request body, as its schema parsed it; the reply's size is bounded by it. `model` is replaced by the task's id, `stream` by `isStream`. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly isStream: boolean;
  /** Asks the miner to countersign its answer; without a receipt the answer is then a failure of the miner. The signature is not verified here. */
  readonly isReceiptWanted?: boolean;
  readonly signal?: AbortSignal;
  /** For the whole answer, from the moment it is handed to the network. Default: what the task gives an answer of this length. */
  readonly timeoutMs?: number;
  readonly measureReading?: MeasureReading;
};

/** The signed client that validators talk to miners with. What a miner does wrong is returned, never thrown. */
export type MinerClient = {
  /** Opens a session, or finds the one that is open. Several callers at once share one hello. */
  openSession(target: MinerTarget, options?: WaitOptions): Promise<OpenSessionResult>;
  getCapacities(target: MinerTarget, request: CapacityRequest, options?: WaitOptions): Promise<CapacitiesResult>;
  /** Sends one inference request. A session that the miner no longer knows is renewed once. */
  send(target: MinerTarget, options: SendOptions): Promise<MinerReply>;
  /** Closes all connections. Requests under way fail. */
  close(): Promise<void>;
};

/** What a miner client is made from. */
export type MinerClientOptions = {
  readonly hotkey: Hotkey;
  readonly clock?: Clock;
  readonly randomBytes?: RandomBytes;
  /** Connections to one miner at the same time. Default 1024. */
  readonly connections?: number;
  /** Default 5 s. */
  readonly connectTimeoutMs?: number;
  /** For a hello or a capacity request. Default 10 s. */
  readonly controlTimeoutMs?: number;
};
