import type { SamplerName, Task } from "@vision/protocol";
import type { Hotkey, IncomingHeaders } from "@vision/signing";
import type { InferenceBackend } from "../backends/inference-backend.js";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/logger.js";
import type { RandomBytes } from "../runtime/random-bytes.js";
import type { CapacitySharing } from "./capacity-share.js";
import type { MinerPoolOptions } from "./pools.js";
import type { ValidatorDirectory } from "./validator-directory.js";

/** First lines of a request: all that is known before its body is read. */
export type MinerRequestHead = {
  /** Upper case. */
  readonly method: string;
  /** Path with query string, exactly as received. */
  readonly path: string;
  /** By lower-case name. */
  readonly headers: IncomingHeaders;
};

/** A request as any HTTP server can hand it over. */
export type MinerRequest = MinerRequestHead & {
  /** The exact bytes; empty for no body. */
  readonly body: Uint8Array;
  readonly remoteAddress?: string;
  /** The certificate (DER) that this connection was encrypted with; undefined on one that was not. */
  readonly certificate?: Uint8Array;
  /** Aborts when the client has gone away. */
  readonly signal: AbortSignal;
  /** When its head came in, milliseconds since 1970; left out where the server does not know. */
  readonly receivedAtMs?: number;
  /** Called once the sender has proven to be a validator that is served, before it is answered. Must not throw. */
  readonly onAuthenticated?: () => void;
};

/** An answer. A body that is not a string is a stream: iterate it to its end, or call `return()` on its iterator. */
export type MinerResponse = {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<string>;
};

/** What a server should do with a request before reading its body. */
export type HeadDecision =
  | {
      readonly kind: "read";
      readonly maxBodyBytes: number;
      /** Whether the head names an open session; otherwise it may be anybody's, whatever name it gives. */
      readonly isInSession: boolean;
    }
  | { readonly kind: "refuse"; readonly response: MinerResponse };

/** What a miner serves of one task. */
export type MinerTaskOptions = {
  /**
   * Work units per hour, over all validators. What is declared should be what can be served: more is found out and not paid. Of a task in
   * one of the `pools`, what the whole machine does when it does nothing else.
   */
  readonly capacityPerHour: number;
  /** Requests at the same time, over all validators. Default 8. Not for a task in one of the `pools`. */
  readonly concurrency?: number;
  /** The backend's own name for the task's model, where it differs. */
  readonly model?: string;
  /** How the backend's engine draws tokens, where the backend does not say so itself. */
  readonly sampler?: SamplerName;
};

/** How one request ended, for logs and metrics. */
export type MinerEvent = {
  readonly validator: string;
  readonly taskId: string;
  /** What the validator's records call this request too; nothing of what its user called it. null where the sender's headers name none. */
  readonly requestName: string | null;
  readonly outcome: "ok" | "rateLimited" | "failed" | "cancelled" | "timedOut";
  /** Work units answered; 0 unless the answer is complete. */
  readonly workUnits: number;
  readonly durationMs: number;
};

/** How much a miner does, as it is declared to validators. */
export type MinerCapacity = {
  /** By task id. */
  readonly tasks: Readonly<Record<string, Pick<MinerTaskOptions, "capacityPerHour" | "concurrency">>>;
  readonly pools: Readonly<Record<string, MinerPoolOptions>>;
  readonly capacitySharing: CapacitySharing;
};

/** A request that a trace is to follow. */
export type MinerTraceStart = {
  readonly validator: string;
  readonly task: Task;
  /** See {@link MinerEvent}. */
  readonly requestName: string | null;
  readonly isStream: boolean;
  /** When its head came in, milliseconds since 1970. */
  readonly receivedAtMs: number;
};

/** Follows one request for a trace of the miner's operator. Nothing of it reaches a validator. */
export type MinerTrace = {
  /** The backend is asked. @returns W3C's `traceparent` for it, by which a model server of the same operator can add to the trace. */
  startBackend(name: string): string | undefined;
  /** The backend's first part is there. */
  noteFirstPart(): void;
  /** It has ended, whether or not a backend was asked. */
  end(event: MinerEvent): void;
};

/** What a miner is made from: its key, its tasks and the backends that answer them. */
export type MinerOptions = {
  readonly hotkey: Hotkey;
  /** By task id. Definitions of the ids come from the protocol's own tasks, from `taskDefinitions`, and from the validators. */
  readonly tasks: Readonly<Record<string, MinerTaskOptions>>;
  /**
   * Machines that several tasks share, by a name of your own. Their tasks declare their fractions of the machine, and draw on it together:
   * `{ gpu0: { tasks: { "chat-llama-3-1-8b": 0.7, "completion-llama-3-1-8b": 0.3 } } }`. Tasks outside of pools have a machine each.
   */
  readonly pools?: Readonly<Record<string, MinerPoolOptions>>;
  /** Serves every task that `backends` does not name. */
  readonly backend?: InferenceBackend;
  /** By task id. */
  readonly backends?: Readonly<Record<string, InferenceBackend>>;
  /** Tasks beyond the protocol's own, or in place of them. */
  readonly taskDefinitions?: readonly Task[];
  /** Default: everybody, with a warning. */
  readonly validators?: ValidatorDirectory;
  /** How capacity is divided among validators. Default `among-active`. */
  readonly capacitySharing?: CapacitySharing;
  /**
   * How much of an hour's capacity a validator may use at once, as a fraction. Default 1/6: ten minutes' worth. At least 1/8: validators save
   * up as much, and what is refused of it counts against the declaration.
   */
  readonly burstFraction?: number;
  /** How long a session lasts, milliseconds. Default one hour. */
  readonly sessionTtlMs?: number;
  /** The certificate (DER) of whatever ends TLS in front of the miner. Default: that of `serve`, which makes its own. */
  readonly transportCertificate?: Uint8Array;
  readonly clock?: Clock;
  /** Default: warnings and errors to stderr, one JSON object a line. */
  readonly logger?: Logger;
  readonly random?: RandomBytes;
  /** Told of every inference request as it ends. Must not throw. */
  readonly observe?: (event: MinerEvent) => void;
  /** Begins to follow an inference request that has been read; nothing is done for it where it is left out. Must not throw. */
  readonly trace?: (start: MinerTraceStart) => MinerTrace;
};

/** What came of asking a task's backend for one small answer. */
export type WarmUpResult = {
  readonly taskId: string;
  /** null: it answered. */
  readonly problem: string | null;
  readonly durationMs: number;
};

/** A miner without a server: requests in, responses out. */
export type Miner = {
  /** ss58 address. */
  readonly hotkey: string;
  readonly taskIds: readonly string[];
  /** Looks at a request before its body is read, so that bodies of strangers are never read. */
  checkHead(head: MinerRequestHead): HeadDecision;
  /** Answers a request. Never rejects for anything a client sent. */
  handle(request: MinerRequest): Promise<MinerResponse>;
  /** Requests being answered at the moment, by task id. */
  getInFlight(): Readonly<Record<string, number>>;
  /** Whether requests of a task have a chance at the moment, by task id: true until a health check of its backend has found otherwise. */
  getHealth(): Readonly<Record<string, boolean>>;
  /** The capacity in force, as it was given. */
  getCapacity(): MinerCapacity;
  /**
   * Changes the capacity. Slots (`concurrency`) count at once for what begins from now on. Work units an hour, and their sharing, count for
   * each validator from its next question for the capacity, at the start of a period: until then it may use what it was told, because that
   * is what the miner is measured by. A `capacityPerHour` of 0 withdraws a task outside of pools.
   *
   * @param capacity - All of it, for the tasks that are served: none can be added or left out while the miner runs.
   * @throws VisionError `SDK_INVALID_OPTIONS` naming every mistake; then nothing is changed.
   */
  changeCapacity(capacity: MinerCapacity): void;
  /** Asks every backend for one small answer, so that models are loaded and compiled before the first validator asks. Never rejects. */
  warmUp(options: { readonly signal: AbortSignal }): Promise<readonly WarmUpResult[]>;
  /**
   * Begins to ask the backends for their health, until the miner is closed. While one is away its tasks are declared with capacity 0 and
   * their requests are told to come later. `serve` calls it.
   */
  watchBackends(): void;
  /**
   * Takes no new work: requests are told to come later (429), surveys of capacity are refused, what is under way goes on.
   * Resolves once nothing is under way.
   */
  drain(): Promise<void>;
  /** Ends what runs and closes the backends. */
  close(): Promise<void>;
};
