import type { FamilyName, FamilyRequests, SamplerName, Task, TaskFamily } from "@vision/protocol";

/** The version of this contract. It changes when a backend written against an older one could no longer work. */
export const BACKEND_SPECIFICATION_VERSION = 1;

/**
 * Something that produces answers: a model server, a model in this process, or anything an operator writes.
 *
 * A backend knows nothing of validators, signatures or capacity; the miner has dealt with all of that before it calls {@link InferenceBackend.run}.
 */
export type InferenceBackend = {
  /** The version of this contract that the backend was written against; `createMiner` refuses any other. */
  readonly specificationVersion: typeof BACKEND_SPECIFICATION_VERSION;
  /** Short name for logs and metrics. */
  readonly name: string;
  /**
   * Answers one request. Yields parts as they come: `event` parts for a stream, exactly one `body` part otherwise.
   *
   * Must stop, and free what it holds, soon after `call.signal` aborts or when the consumer returns early.
   *
   * @throws {@link BackendError} for every failure that the backend understands.
   */
  run(call: BackendCall): AsyncIterable<BackendPart>;
  /** Says whether requests have a chance at the moment. Asked again and again while the miner runs. Never throws. */
  checkHealth?(options: HealthCheckOptions): Promise<BackendHealth>;
  /** Why it can never answer requests of a task, as far as can be told without asking anybody; `null` when it may. Never throws. */
  findObstacle?(task: ServedModel): Promise<string | null>;
  /**
   * How the engine draws the tokens of a model: validators repeat the draws. `null`, or left out, while that is not known; the miner's own
   * setting comes first. Asked whenever a validator asks for capacities. Never throws.
   */
  sampler?(model: string): SamplerName | null;
  /** Tokens that prompt and answer of a model may have together; `null`, or left out, while that is not known. Never throws. */
  contextTokens?(model: string): number | null;
  /** Frees models and connections. Called once, after the last request has ended. */
  close?(): Promise<void>;
};

/** What a health check is asked. */
export type HealthCheckOptions = {
  readonly signal: AbortSignal;
  /** The models that requests will name. A backend that lacks one of them is not healthy. */
  readonly models?: readonly string[];
};

/** What a backend is to serve: a task's family, and the model as requests will name it. */
export type ServedModel = Pick<Task, "family" | "model">;

/** What a health check found out. `detail`: why it is ill, or what is worth telling of a healthy one. */
export type BackendHealth = { readonly isHealthy: boolean; readonly detail?: string };

/** The request of each family. */
export type RequestByFamily = FamilyRequests;

type CallOf<Name extends FamilyName> = {
  readonly task: Task;
  /** Tells the calls apart: after a look at it, `request` has the family's own type. */
  readonly familyName: Name;
  readonly family: TaskFamily;
  /** Parsed by the family's schema; `model` is already the task's model, or the miner's own name for it. */
  readonly request: RequestByFamily[Name];
  readonly isStream: boolean;
  readonly signal: AbortSignal;
  /** W3C's `traceparent` of the miner's own trace, where it has one: for a model server of the same operator, which may add to it. */
  readonly traceparent?: string;
};

/** One request as a backend sees it; of one family, or of any. */
export type BackendCall<Name extends FamilyName = FamilyName> = { readonly [Each in Name]: CallOf<Each> }[Name];

/** A piece of an answer. */
export type BackendPart =
  /** JSON of one server-sent event, without `data: `. The closing `[DONE]` is not a part; the miner sends it. */
  | { readonly kind: "event"; readonly data: string }
  /** The whole JSON body of an answer that is not streamed. */
  | { readonly kind: "body"; readonly body: string };

const marker = Symbol.for("vision.backend-error");

/**
 * Why a backend did not answer: `busy` (the miner answers 429), `invalid` (the request cannot be served; 400), `failed` (502).
 *
 * Compare with {@link BackendError.isInstance}, which survives two installed copies of this package.
 */
export class BackendError extends Error {
  readonly code: "busy" | "invalid" | "failed";
  /** When to try again, milliseconds; only with `busy`. */
  readonly retryAfterMs: number | undefined;

  constructor(options: {
    readonly code: "busy" | "invalid" | "failed";
    readonly message: string;
    readonly retryAfterMs?: number;
    readonly cause?: unknown;
  }) {
    super(options.message, { cause: options.cause });
    this.name = "BackendError";
    this.code = options.code;
    this.retryAfterMs = options.retryAfterMs;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for a BackendError of any copy of this package. With `code`, only for that code. */
  static isInstance(error: unknown, code?: BackendError["code"]): error is BackendError {
    if (typeof error !== "object" || error === null || !(marker in error)) return false;
    return code === undefined || (error as { readonly code?: unknown }).code === code;
  }
}
