import type { Answer, AnswerPart, RequestBody, Task } from "@vision/protocol";
import type { MinerTarget } from "@vision/sdk/client";
import type { DirectParts } from "./direct-parts.js";

/** A miner's answer that the request itself is not valid. */
export type Refusal = {
  /** What the miner says is wrong, at most 300 characters of plain text. It is the miner's word, not a fact. */
  readonly reason: string;
  /**
   * Records the refusal, with the blame that another miner's answer to the same request shows: `miner` where that one answered. Whoever
   * asked calls it once; later calls change nothing, and without a call nothing is recorded.
   */
  settle(blame: "miner" | "nobody"): void;
};

/** How one request to one miner ended. */
export type ExchangeResult = {
  readonly requestId: string;
  /** What the miner's log calls it; null where nothing was sent. */
  readonly requestName: string | null;
  readonly outcome: "ok" | "rateLimited" | "failed";
  readonly blame: "miner" | "validator" | "nobody";
  readonly reason: string | null;
  /** A user's; of a synthetic request only where `isAnswerWanted`. */
  readonly answer: Answer | null;
  /** When a miner that is full may be asked again, as it says; null where it did not say, or was not full. */
  readonly retryAfterMs: number | null;
  /** How long a request had waited for the first token when it was cancelled, milliseconds; null for any other. */
  readonly silentMs: number | null;
  readonly completedUnits: number;
  /** Prompt tokens as the miner reports them: its word. Null where it does not. */
  readonly reportedPromptTokens: number | null;
  readonly firstTokenMs: number | null;
  readonly durationMs: number;
  /** Whether this program was late itself while the request was under way: its times say nothing of the miner then. */
  readonly wasDelayed: boolean;
  /**
   * Set where a miner refused a user's request as not valid. Whether user or miner is at fault shows only at another miner, so such a result
   * blames nobody and waits to be settled. A synthetic request is known to be valid: refusing one is the miner's failure, and this is null.
   */
  readonly refusal: Refusal | null;
};

/** One request to one miner. */
export type ExchangeRequest = {
  readonly target: MinerTarget;
  readonly task: Task;
  /** Parsed by the family's schema; the exchange normalises it. */
  readonly request: RequestBody;
  readonly isOrganic: boolean;
  /** True where a conversation goes on after it. A user's answer is always given. */
  readonly isAnswerWanted?: boolean;
  /** False where nobody is shown tokens: parts need only tell their number, and the answer none. */
  readonly areTokensShown?: boolean;
  readonly signal: AbortSignal;
  /**
   * Given the parts of every good event of a streamed answer, in order, as it comes; awaited, so a slow user holds the stream back. If it
   * throws, the request ends and nobody is blamed.
   */
  readonly onParts?: ((parts: readonly AnswerPart[]) => void | Promise<void>) | undefined;
  /** In the place of `onParts`, where whoever reads the answer reaches whoever wants its parts: an exchange only hands it on. */
  readonly direct?: DirectParts | undefined;
};

/** The one way to ask a miner, for users' requests and synthetic ones alike. */
export type Exchange = {
  /**
   * Asks a miner and records what came of it. Never rejects for what a miner does.
   *
   * @returns null when the miner has no free capacity for the request, or no period is open: nothing was sent, nothing recorded.
   */
  run(request: ExchangeRequest): Promise<ExchangeResult | null>;
};
