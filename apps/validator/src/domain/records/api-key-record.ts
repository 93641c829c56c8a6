/** An API key as stored: never the key itself. */
export type ApiKeyRecord = {
  readonly id: string;
  readonly name: string;
  /** First characters of the key, to tell keys apart. */
  readonly prefix: string;
  readonly requestsPerMinute: number;
  /** Work units of answers in a minute; null for no limit. */
  readonly tokensPerMinute: number | null;
  /** Requests under way at a time. */
  readonly concurrentRequests: number;
  /** Work units that it may use in a calendar month in UTC; null for no budget. */
  readonly monthlyUnits: number | null;
  /** How many of all work units that it ever used are paid for; null where nothing is paid in advance. May be fewer than it has used. */
  readonly paidUnits: number | null;
  /** Whether the validator may draw its own requests from those of this key, which it keeps for that. */
  readonly sharesRequests: boolean;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
};
