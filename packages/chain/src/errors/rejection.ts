import type { NodeError } from "../rpc/rpc-error.js";
import { ChainError } from "./chain-error.js";
import { describeBlocks } from "./describe-blocks.js";
import { isRateLimitName, isRetryableName, poolRejectionName, rejectionHint } from "./rejection-names.js";

/** Facts that make a refusal's text better. */
export type RejectionContext = {
  /** The call, such as `SubtensorModule.set_weights`. */
  readonly call: string;
  /** Blocks until the rate limit of this call is over, if it can be known. */
  readonly retryAfterBlocks?: number | null;
  readonly blockSeconds?: number;
  readonly cause?: unknown;
};

/** The error for a refusal by name, whether the pool or the runtime refused. */
export function rejectionError(chainName: string, context: RejectionContext): ChainError {
  const retryAfterBlocks = context.retryAfterBlocks ?? null;
  const isRateLimit = isRateLimitName(chainName);
  const reason = isRateLimit
    ? `rate limited${retryAfterBlocks === null ? "" : `: ${describeBlocks(retryAfterBlocks, context.blockSeconds)}`} (${chainName})`
    : chainName;
  const hint = rejectionHint(chainName);
  return new ChainError({
    code: "CHAIN_REJECTED",
    message: `The chain refused ${context.call}: ${reason}.`,
    ...(hint === undefined ? {} : { hint }),
    chainName,
    isRetryable: isRetryableName(chainName),
    retryAfterBlocks,
    facts: { call: context.call, chainName, retryAfterBlocks },
    cause: context.cause,
  });
}

/** Texts of the transaction pool that are no custom numbers, with a name each. All pass once the call is signed anew. */
const poolTexts: readonly (readonly [pattern: RegExp, chainName: string, isRetryable: boolean])[] = [
  [/already imported/i, "AlreadyImported", true],
  [/outdated|stale/i, "TransactionStale", true],
  [/priority is too low/i, "TransactionPriorityTooLow", true],
  [/temporarily banned/i, "TransactionBanned", true],
  [/ancient birth/i, "AncientBirthBlock", true],
  [/will be valid in the future|future/i, "TransactionFuture", true],
  [/pay some fees|balance too low/i, "BalanceTooLow", false],
  [/bad (signature|proof)/i, "BadProof", false],
  [/exhausts? (the )?(block )?(limits|resources)|immediately dropped/i, "PoolFull", true],
];

/**
 * The error for what `author_submit...` answered. Custom numbers come in two spellings: `Custom error: 6` in the text of a node, and
 * `{"invalid":{"custom":6}}` in its data.
 */
export function poolRejection(error: NodeError, context: RejectionContext): ChainError {
  const text = `${error.message} ${typeof error.data === "string" ? error.data : JSON.stringify(error.data ?? "")}`;
  const custom = /custom(?: error)?"?\s*:\s*(\d+)/i.exec(text)?.[1];
  if (custom !== undefined) return rejectionError(poolRejectionName(Number(custom)), { ...context, cause: error });
  const known = poolTexts.find(([pattern]) => pattern.test(text));
  return new ChainError({
    code: "CHAIN_REJECTED",
    message: `The chain refused ${context.call}: ${known?.[1] ?? error.message}.`,
    chainName: known?.[1] ?? null,
    isRetryable: known?.[2] ?? false,
    facts: { call: context.call, nodeCode: error.code },
    cause: error,
  });
}
