import type { ApiKeyRecord } from "./api-key-record.js";

/** Who changes a key, and when. */
export type ChangedBy = {
  /** As the operator is to read it. */
  readonly who: string;
  readonly nowMs: number;
};

/** What was done with an API key. */
export type KeyChange = Pick<ApiKeyRecord, "requestsPerMinute" | "tokensPerMinute" | "concurrentRequests" | "monthlyUnits"> & {
  readonly atMs: number;
  readonly who: string;
  readonly what: "created" | "limitsChanged" | "creditAdded" | "creditEnded" | "sharingBegun" | "sharingEnded" | "revoked";
  readonly keyId: string;
  /** Work units that were paid for by this change; negative where some were taken back, null where it was about something else. */
  readonly creditUnits: number | null;
  /** What the operator calls the payment; null for none. */
  readonly reference: string | null;
};
