import type { Kysely } from "kysely";
import type pg from "pg";
import type { ApiKeyRecord } from "../../domain/records/index.js";
import type { ApiKeyStore } from "../../ports/index.js";
import { cleanText, whole } from "./clean-values.js";
import type { Tables } from "./tables.js";

/** A user waits for it, milliseconds. */
const FIND_TIMEOUT_MS = 2_000;

type ApiKeyRow = Omit<Tables["api_keys"], "sha256_hex">;
const columns = [
  ...(["id", "name", "prefix", "requests_per_minute", "tokens_per_minute", "concurrent_requests"] as const),
  ...(["created_at_ms", "last_used_at_ms", "revoked_at_ms"] as const),
] as const;
const findText = `select ${columns.join(", ")} from api_keys where sha256_hex = $1`;
const touchText = `
update api_keys set last_used_at_ms = greatest(coalesce(last_used_at_ms, 0), used.at_ms)
from unnest($1::text[], $2::bigint[]) as used(id, at_ms)
where api_keys.id = used.id`;

function toRecord(row: ApiKeyRow): ApiKeyRecord {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    requestsPerMinute: row.requests_per_minute,
    tokensPerMinute: row.tokens_per_minute,
    concurrentRequests: row.concurrent_requests,
    createdAtMs: row.created_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
    revokedAtMs: row.revoked_at_ms,
  };
}

/** Keys of the organic API, by digest. */
export function createApiKeyTable(pool: pg.Pool, database: Kysely<Tables>): ApiKeyStore {
  return {
    async createApiKey(record) {
      await database
        .insertInto("api_keys")
        .values({
          id: record.id,
          name: cleanText(record.name),
          prefix: record.prefix,
          sha256_hex: record.sha256Hex,
          requests_per_minute: whole(record.requestsPerMinute),
          tokens_per_minute: record.tokensPerMinute === null ? null : whole(record.tokensPerMinute),
          concurrent_requests: whole(record.concurrentRequests),
          created_at_ms: whole(record.nowMs),
          last_used_at_ms: null,
          revoked_at_ms: null,
        })
        .execute();
    },
    async findApiKey(sha256Hex) {
      const query = { name: "find-api-key", text: findText, values: [sha256Hex], query_timeout: FIND_TIMEOUT_MS };
      const { rows } = await pool.query<ApiKeyRow>(query);
      return rows[0] === undefined ? null : toRecord(rows[0]);
    },
    async listApiKeys() {
      const rows = await database.selectFrom("api_keys").select(columns).orderBy("created_at_ms").orderBy("id").execute();
      return rows.map(toRecord);
    },
    async revokeApiKey(idOrPrefix, nowMs) {
      const text = cleanText(idOrPrefix);
      const rows = await database
        .updateTable("api_keys")
        .set({ revoked_at_ms: whole(nowMs) })
        .where((expression) => expression.or([expression("id", "=", text), expression("prefix", "=", text)]))
        .where("revoked_at_ms", "is", null)
        .returning("id")
        .execute();
      return rows.length > 0;
    },
    async touchApiKeys(uses) {
      if (uses.size === 0) return;
      await pool.query({ name: "touch-api-keys", text: touchText, values: [[...uses.keys()], [...uses.values()].map(whole)] });
    },
  };
}
