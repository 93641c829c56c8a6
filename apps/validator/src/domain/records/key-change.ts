import type { ApiKeyRecord } from "./api-key-record.js";

/** Who changes a key, and when. */
export type ChangedBy = {
  /** As the operator is to read it. */
  readonly who: string;
  readonly nowMs: number;
};

/** What was done with an API key. */
export type KeyChange = Pick<ApiKeyRecord, "requestsPerMinute" | "tokensPerMinute" | "concurrentRequests"> & {
  readonly atMs: number;
  readonly who: string;
  readonly what: "created" | "limitsChanged" | "sharingBegun" | "sharingEnded" | "revoked";
  readonly keyId: string;
};
