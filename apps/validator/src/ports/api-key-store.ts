import type { ApiKeyRecord, ChangedBy, KeyChange } from "../domain/records/index.js";

/** What a key may do. */
export type KeyLimits = Pick<ApiKeyRecord, "requestsPerMinute" | "tokensPerMinute" | "concurrentRequests">;

/** Users' keys. */
export type ApiKeyStore = {
  /** Stores a key by the SHA-256 of its text (keys carry 256 bits of randomness, so a plain digest suffices). */
  createApiKey(
    record: KeyLimits &
      ChangedBy &
      Pick<ApiKeyRecord, "id" | "name" | "prefix"> & { readonly sha256Hex: string; readonly sharesRequests?: boolean },
  ): Promise<void>;
  findApiKey(sha256Hex: string): Promise<ApiKeyRecord | null>;
  listApiKeys(): Promise<readonly ApiKeyRecord[]>;
  /** Sets a key's limits, by id. False when there is no such key or it was revoked. */
  changeApiKey(id: string, limits: KeyLimits, by: ChangedBy): Promise<boolean>;
  /**
   * Whether the key shares its requests from now on, by id or prefix; what it shared is deleted where it no longer does. False when there is
   * no such key, it was revoked, or nothing changes.
   */
  setSharing(idOrPrefix: string, sharesRequests: boolean, by: ChangedBy): Promise<boolean>;
  /** What the key shared is deleted with it. False when there is no such key or it was revoked before. */
  revokeApiKey(idOrPrefix: string, by: ChangedBy): Promise<boolean>;
  /** The newest changes of keys, newest first; each is stored in one transaction with what it tells of. */
  getKeyChanges(limit: number): Promise<readonly KeyChange[]>;
  touchApiKeys(uses: ReadonlyMap<string, number>): Promise<void>;
};
