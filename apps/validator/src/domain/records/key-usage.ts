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
