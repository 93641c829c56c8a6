import type { ApiKeyRecord } from "../domain/records/index.js";

/** Users' keys. */
export type ApiKeyStore = {
  /** Stores a key by the SHA-256 of its text (keys carry 256 bits of randomness, so a plain digest suffices). */
  createApiKey(record: {
    readonly id: string;
    readonly name: string;
    readonly prefix: string;
    readonly sha256Hex: string;
    readonly requestsPerMinute: number;
    readonly tokensPerMinute: number | null;
    readonly concurrentRequests: number;
    readonly nowMs: number;
  }): Promise<void>;
  findApiKey(sha256Hex: string): Promise<ApiKeyRecord | null>;
  listApiKeys(): Promise<readonly ApiKeyRecord[]>;
  /** False when there is no such key or it was revoked before. */
  revokeApiKey(idOrPrefix: string, nowMs: number): Promise<boolean>;
  touchApiKeys(uses: ReadonlyMap<string, number>): Promise<void>;
};
