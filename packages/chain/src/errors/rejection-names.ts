/**
 * The chain's names for the custom numbers of pool rejections: subtensor `common/src/transaction_error.rs`, spec 425.
 * Unlike dispatch errors these are numbers by contract and are not in the metadata.
 */
const poolNames: Readonly<Record<number, string>> = {
  0: "ColdkeyInSwapSchedule",
  1: "StakeAmountTooLow",
  2: "BalanceTooLow",
  3: "SubnetNotExists",
  4: "HotkeyAccountDoesntExist",
  5: "NotEnoughStakeToWithdraw",
  6: "RateLimitExceeded",
  7: "InsufficientLiquidity",
  8: "SlippageTooHigh",
  9: "TransferDisallowed",
  10: "HotKeyNotRegisteredInNetwork",
  11: "InvalidIpAddress",
  12: "ServingRateLimitExceeded",
  13: "InvalidPort",
  14: "ZeroMaxAmount",
  15: "InvalidRevealRound",
  16: "CommitNotFound",
  17: "CommitBlockNotInRevealRange",
  18: "InputLengthsUnequal",
  19: "UidNotFound",
  20: "EvmKeyAssociateRateLimitExceeded",
  21: "ColdkeySwapDisputed",
  22: "InvalidRealAccount",
  23: "FailedShieldedTxParsing",
  24: "InvalidShieldedTxPubKeyHash",
  25: "NonAssociatedColdKey",
  26: "DelegateTakeTooLow",
  27: "DelegateTakeTooHigh",
  255: "BadRequest",
};

/**
 * Rate limits by the kind of their name, so that one which a later runtime adds is known too: subtensor calls them
 * `...RateLimitExceeded` or `...TooFast`. Others are named one by one.
 */
const rateLimitKind = /(RateLimitExceeded|TooFast|IntervalNotPassed)$/;
const rateLimitNames = new Set([
  "TooManyRegistrationsThisBlock",
  "TooManyRegistrationsThisInterval",
  "NeedWaitingMoreBlocksToStarCall",
  "SpaceLimitExceeded",
]);
/** Refusals that pass by themselves for another reason: too early, or something else has to be settled first. */
const retryableKind = /(TooEarly|TooSoon)$/;
const retryableNames = new Set([
  "CommitBlockNotInRevealRange",
  "TooManyUnrevealedCommits",
  "TooManyPendingExtrinsics",
  "AdminActionProhibitedDuringWeightsWindow",
  "RegistrationPriceLimitExceeded",
]);

/** What to do about a refusal, by the chain's name. */
const hints: Readonly<Record<string, string>> = {
  StakeAmountTooLow: "The stake is too low for this call; setting weights needs the subnet's stake threshold.",
  NotEnoughStakeToSetWeights: "Stake more on the hotkey, up to the stake threshold.",
  NeuronNoValidatorPermit: "Only the neurons with most stake get a permit; it is given at the next epoch.",
  HotKeyNotRegisteredInNetwork: "Register the hotkey on the subnet first.",
  HotKeyNotRegisteredInSubNet: "Register the hotkey on the subnet first.",
  BalanceTooLow: "Send TAO to the coldkey.",
  NotEnoughBalanceToStake: "Send TAO to the coldkey.",
  NonAssociatedColdKey: "The hotkey belongs to another coldkey.",
  InvalidIpAddress: "Publish an address that others can reach; for development use 127.0.0.2.",
  IncorrectWeightVersionKey: "Update the validator: the subnet's owner asks for a newer weights version.",
  RegistrationPriceLimitExceeded: "The price rose meanwhile; try again or allow more.",
  SubtokenDisabled: "The subnet's owner has not started it yet.",
};

/** Name of a pool rejection's custom number. */
export function poolRejectionName(custom: number): string {
  return poolNames[custom] ?? `Custom${custom}`;
}

/** True when the refusal passes by itself. */
export function isRetryableName(chainName: string): boolean {
  return isRateLimitName(chainName) || retryableKind.test(chainName) || retryableNames.has(chainName);
}

/** True when the refusal is a rate limit. */
export function isRateLimitName(chainName: string): boolean {
  return rateLimitKind.test(chainName) || rateLimitNames.has(chainName);
}

/** What to do about a refusal, if there is something better than reading its name. */
export function rejectionHint(chainName: string): string | undefined {
  return hints[chainName];
}
