/** One key's use of one task on one day. */
export type KeyUsage = {
  readonly keyId: string;
  readonly taskId: string;
  /** Days since 1970 in UTC. */
  readonly day: number;
  readonly requests: number;
  readonly errors: number;
  readonly promptTokens: number;
  /** Work units that were delivered. */
  readonly units: number;
};

/** Work units that a key has been charged. */
export type KeyCharges = {
  readonly keyId: string;
  /** Of the month that was asked for. */
  readonly monthUnits: number;
  /** Of all months. */
  readonly totalUnits: number;
};
