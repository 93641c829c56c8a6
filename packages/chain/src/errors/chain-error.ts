import { type ErrorCode, VisionError } from "@vision/protocol";

/** The codes a {@link ChainError} can carry. */
export type ChainErrorCode = Extract<ErrorCode, `CHAIN_${string}`>;

/** What a {@link ChainError} is made from. */
export type ChainErrorOptions = {
  readonly code: ChainErrorCode;
  readonly message: string;
  readonly hint?: string;
  /** The chain's own name of the reason, such as `SettingWeightsTooFast`; null when the chain gave none. */
  readonly chainName?: string | null;
  /** True when the same call can succeed later without anybody changing anything. */
  readonly isRetryable?: boolean;
  /** Blocks to wait before the next try; null when unknown. */
  readonly retryAfterBlocks?: number | null;
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
};

/**
 * The error of everything that the chain refuses, does not answer or does not know.
 *
 * `code` is stable. `chainName` is the runtime's own word, decoded by name from its metadata (indices shift between releases).
 */
export class ChainError extends VisionError {
  /** The chain's own name of the reason, such as `SettingWeightsTooFast`; null when it gave none. */
  readonly chainName: string | null;
  /** True when the same call can succeed later without anybody changing anything. */
  readonly isRetryable: boolean;
  /** Blocks to wait before the next try; null when unknown. */
  readonly retryAfterBlocks: number | null;

  constructor(options: ChainErrorOptions) {
    super(options);
    this.name = "ChainError";
    this.chainName = options.chainName ?? null;
    this.isRetryable = options.isRetryable ?? false;
    this.retryAfterBlocks = options.retryAfterBlocks ?? null;
  }

  /** True for a ChainError of any copy of this package. With `code`, only for that code. */
  static override isInstance(error: unknown, code?: ErrorCode): error is ChainError {
    return VisionError.isInstance(error, code) && error.code.startsWith("CHAIN_") && "isRetryable" in error;
  }
}
