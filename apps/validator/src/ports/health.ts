/** How the validator is, told from memory. */
export type Health = {
  /** Whether its loops run: the one that watches the chain has ticked within a minute. */
  readonly isAlive: boolean;
  /** Whether it can do its work: blocks come, the database answers. References may be away: checks wait, users need not. */
  readonly isReady: boolean;
};
