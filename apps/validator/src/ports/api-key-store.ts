import type { ApiKeyRecord, ChangedBy, KeyChange } from "../domain/records/index.js";

/** What a key may do. */
export type KeyLimits = Pick<ApiKeyRecord, "requestsPerMinute" | "tokensPerMinute" | "concurrentRequests"> & {
  /** See `ApiKeyRecord`; left out: none, or as it was. */
  readonly monthlyUnits?: number | null | undefined;
};

/** Work units that a key's holder has paid for in advance. */
export type KeyCredit = {
  /** Whole; negative takes back. */
  readonly units: number;
  /** What the operator calls the payment. Of all credit with the same one only the first counts. */
  readonly reference?: string | null;
};

/** Users' keys. */
export type ApiKeyStore = {
  /** Stores a key by the SHA-256 of its text (keys carry 256 bits of randomness, so a plain digest suffices). */
  createApiKey(
    record: KeyLimits &
      ChangedBy &
      Pick<ApiKeyRecord, "id" | "name" | "prefix"> & {
        readonly sha256Hex: string;
        readonly sharesRequests?: boolean;
        readonly paidUnits?: number | null;
      },
  ): Promise<void>;
  findApiKey(sha256Hex: string): Promise<ApiKeyRecord | null>;
  listApiKeys(): Promise<readonly ApiKeyRecord[]>;
  /** Sets those of a key's limits that are given, by id or prefix. False when there is no such key or it was revoked. */
  changeApiKey(idOrPrefix: string, limits: Partial<KeyLimits>, by: ChangedBy): Promise<boolean>;
  /**
   * Adds to what is paid for of a key, by id or prefix. With the first credit all that the key was charged before counts as paid.
   *
   * @returns `before` where credit of this reference was added already; `noKey` when there is no such key or it was revoked.
   */
  addCredit(idOrPrefix: string, credit: KeyCredit, by: ChangedBy): Promise<"added" | "before" | "noKey">;
  /** Of the key nothing is paid in advance any more, by id or prefix. False when there is no such key, it was revoked, or nothing was. */
  endCredit(idOrPrefix: string, by: ChangedBy): Promise<boolean>;
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
