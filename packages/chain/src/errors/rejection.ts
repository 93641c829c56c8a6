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

/** What a transaction pool refuses for, with a name each; retryable where the call may pass once it is signed anew. */
const poolNames = {
  stale: ["TransactionStale", true],
  priority: ["TransactionPriorityTooLow", true],
  banned: ["TransactionBanned", true],
  imported: ["AlreadyImported", true],
  ancient: ["AncientBirthBlock", true],
  future: ["TransactionFuture", true],
  payment: ["BalanceTooLow", false],
  proof: ["BadProof", false],
  full: ["PoolFull", true],
} as const satisfies Record<string, readonly [chainName: string, isRetryable: boolean]>;

/** The node's own codes, where one means one thing (`author` in sc-rpc-api). */
const poolCodes: Readonly<Record<number, keyof typeof poolNames>> = {
  1012: "banned",
  1013: "imported",
  1014: "priority",
  1016: "full",
  1018: "full",
};

/** 1010 stands for everything that the runtime calls invalid; the reason is in its text. */
const poolTexts: readonly (readonly [pattern: RegExp, reason: keyof typeof poolNames])[] = [
  [/already imported/i, "imported"],
  [/outdated|stale/i, "stale"],
  [/priority is too low/i, "priority"],
  [/temporarily banned/i, "banned"],
  [/ancient birth/i, "ancient"],
  [/will be valid in the future|future/i, "future"],
  [/pay some fees|balance too low/i, "payment"],
  [/bad (signature|proof)/i, "proof"],
  [/exhausts? (the )?(block )?(limits|resources)|immediately dropped/i, "full"],
];

/**
 * The error for what `author_submit...` answered. Custom numbers come in two spellings: `Custom error: 6` in the text of a node, and
 * `{"invalid":{"custom":6}}` in its data.
 */
export function poolRejection(error: NodeError, context: RejectionContext): ChainError {
  const text = `${error.message} ${typeof error.data === "string" ? error.data : JSON.stringify(error.data ?? "")}`;
  const custom = /custom(?: error)?"?\s*:\s*(\d+)/i.exec(text)?.[1];
  if (custom !== undefined) return rejectionError(poolRejectionName(Number(custom)), { ...context, cause: error });
  const reason = poolCodes[error.code] ?? poolTexts.find(([pattern]) => pattern.test(text))?.[1];
  const known = reason === undefined ? null : poolNames[reason];
  return new ChainError({
    code: "CHAIN_REJECTED",
    message: `The chain refused ${context.call}: ${known?.[0] ?? error.message}.`,
    chainName: known?.[0] ?? null,
    isRetryable: known?.[1] ?? false,
    facts: { call: context.call, nodeCode: error.code },
    cause: error,
  });
}
