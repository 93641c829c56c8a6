/**
 * How a miner divides its capacity among validators.
 *
 * - `among-active`: by stake among the validators that used it lately; equally where no stake is known.
 * - `among-permitted`: by stake among all validators that are allowed, whether they come or not.
 * - `none`: each is told all of it. Together they may then ask for more than there is.
 */
export type CapacitySharing = "among-active" | "among-permitted" | "none";

/** Stakes that a miner's capacity is divided by, RAO. */
export type CapacityShareInput = {
  readonly sharing: CapacitySharing;
  /** Stake of the validator that asks. */
  readonly stakeRao: bigint;
  /** Stakes of all validators that used the miner lately, the asking one included. */
  readonly activeStakesRao: readonly bigint[];
  /** Stake of all validators that are allowed; 0 when not known. */
  readonly permittedStakeRao: bigint;
};

// Parts per billion: a bigint division that keeps nine digits before it becomes a number.
const SCALE = 1_000_000_000n;

/** The part of the miner's capacity that a validator is told. Fraction in [0, 1]. */
export function planCapacityShare(input: CapacityShareInput): number {
  if (input.sharing === "none") return 1;
  const activeTotal = input.activeStakesRao.reduce((sum, stake) => sum + stake, 0n);
  const total = input.sharing === "among-permitted" ? input.permittedStakeRao : activeTotal;
  if (total <= 0n) return 1 / Math.max(1, input.activeStakesRao.length);
  return Math.min(1, Number((input.stakeRao * SCALE) / total) / Number(SCALE));
}
