import type { Kysely } from "kysely";
import type pg from "pg";
import type { ApiKeyRecord, ChangedBy, KeyChange } from "../../domain/records/index.js";
import type { ApiKeyStore } from "../../ports/index.js";
import { cleanText, count, whole } from "./clean-values.js";
import type { Tables } from "./tables.js";

/** A user waits for it, milliseconds. */
const FIND_TIMEOUT_MS = 2_000;

type ApiKeyRow = Omit<Tables["api_keys"], "sha256_hex">;
const columns = [
  ...(["id", "name", "prefix", "requests_per_minute", "tokens_per_minute", "concurrent_requests"] as const),
  ...(["monthly_units", "paid_units", "shares_requests"] as const),
  ...(["created_at_ms", "last_used_at_ms", "revoked_at_ms"] as const),
] as const;
const limitColumns = ["requests_per_minute", "tokens_per_minute", "concurrent_requests", "monthly_units"] as const;
const findText = `select ${columns.join(", ")} from api_keys where sha256_hex = $1`;
/**
 * The change of a key and its line in the log, as one statement: neither is ever there without the other. Of `$1` to `$3`: when, who, what.
 *
 * @param facts - Columns of the log with what stands in them.
 */
const logged = (change: string, also = "", facts: Readonly<Record<string, string>> = {}) => `
with changed as (${change} returning id, requests_per_minute, tokens_per_minute, concurrent_requests, monthly_units)${also}
insert into key_changes (${["at_ms, who, what, key_id", ...limitColumns, ...Object.keys(facts)].join(", ")})
select ${["$1::bigint, $2::text, $3::text, id", ...limitColumns, ...Object.values(facts)].join(", ")} from changed`;
const createText = logged(
  `
insert into api_keys (id, name, prefix, sha256_hex, requests_per_minute, tokens_per_minute, concurrent_requests, monthly_units, shares_requests,
  paid_units, created_at_ms)
values ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13::float8, $1)`,
  "",
  { credit_units: "$13::float8" },
);
const goodKey = "(id = $4 or prefix = $4) and revoked_at_ms is null";
const limitsText = logged(`
update api_keys set requests_per_minute = coalesce($5, requests_per_minute), concurrent_requests = coalesce($6, concurrent_requests),
  tokens_per_minute = case when $7::boolean then $8 else tokens_per_minute end,
  monthly_units = case when $9::boolean then $10 else monthly_units end
where ${goodKey}`);
const creditText = logged(
  `
update api_keys
set paid_units = coalesce(paid_units, (select coalesce(sum(units), 0) from key_charges where key_id = api_keys.id)) + $5::float8
where ${goodKey} and not exists (select from key_changes where reference = $6::text)`,
  "",
  { credit_units: "$5::float8", reference: "$6::text" },
);
const endCreditText = logged(`update api_keys set paid_units = null where ${goodKey} and paid_units is not null`);
const findReferenceText = "select from key_changes where reference = $1";
/** What a key shared goes in the same statement. */
const withoutShared = ", unshared as (delete from shared_requests where key_id in (select id from changed))";
const revokeText = logged(`update api_keys set revoked_at_ms = $1 where ${goodKey}`, withoutShared);
const goodKeyThatShares = (does: boolean) => `${goodKey} and ${does ? "" : "not "}shares_requests`;
const shareText = logged(`update api_keys set shares_requests = true where ${goodKeyThatShares(false)}`);
const unshareText = logged(`update api_keys set shares_requests = false where ${goodKeyThatShares(true)}`, withoutShared);
const changesText = `
select at_ms as "atMs", who, what, key_id as "keyId", requests_per_minute as "requestsPerMinute", tokens_per_minute as "tokensPerMinute",
  concurrent_requests as "concurrentRequests", monthly_units as "monthlyUnits", credit_units as "creditUnits", reference
from key_changes order by id desc limit $1`;
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
    monthlyUnits: row.monthly_units,
    paidUnits: row.paid_units,
    sharesRequests: row.shares_requests,
    createdAtMs: row.created_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
    revokedAtMs: row.revoked_at_ms,
  };
}

/** Null for what is no limit, or not given. */
function limitValue(limit: number | null | undefined): number | null {
  return limit === null || limit === undefined ? null : whole(limit);
}

/** Somebody else wrote the same reference at the same moment. */
function isDuplicate(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "23505";
}

/** Keys of the organic API, by digest. */
export function createApiKeyTable(pool: pg.Pool, database: Kysely<Tables>): ApiKeyStore {
  async function change(text: string, what: KeyChange["what"], { who, nowMs }: ChangedBy, values: readonly unknown[]): Promise<number> {
    const { rowCount } = await pool.query({ name: `key-${what}`, text, values: [whole(nowMs), cleanText(who), what, ...values] });
    return rowCount ?? 0;
  }
  return {
    async createApiKey({ id, name, prefix, sha256Hex, sharesRequests = false, paidUnits, who, nowMs, ...limits }) {
      const { requestsPerMinute, tokensPerMinute, concurrentRequests, monthlyUnits } = limits;
      const values = [
        ...[id, cleanText(name), prefix, sha256Hex],
        ...[requestsPerMinute, tokensPerMinute, concurrentRequests, monthlyUnits].map(limitValue),
        ...[sharesRequests, limitValue(paidUnits)],
      ];
      await change(createText, "created", { who, nowMs }, values);
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
    async changeApiKey(idOrPrefix, { requestsPerMinute, concurrentRequests, tokensPerMinute, monthlyUnits }, by) {
      const values = [
        ...[cleanText(idOrPrefix), limitValue(requestsPerMinute), limitValue(concurrentRequests)],
        ...[tokensPerMinute, monthlyUnits].flatMap((limit) => [limit !== undefined, limitValue(limit)]),
      ];
      return (await change(limitsText, "limitsChanged", by, values)) > 0;
    },
    async addCredit(idOrPrefix, { units, reference = null }, by) {
      const name = reference === null ? null : cleanText(reference);
      try {
        if ((await change(creditText, "creditAdded", by, [cleanText(idOrPrefix), whole(units), name])) > 0) return "added";
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
      if (name === null) return "noKey";
      const { rowCount } = await pool.query({ name: "find-reference", text: findReferenceText, values: [name] });
      return (rowCount ?? 0) > 0 ? "before" : "noKey";
    },
    async endCredit(idOrPrefix, by) {
      return (await change(endCreditText, "creditEnded", by, [cleanText(idOrPrefix)])) > 0;
    },
    async setSharing(idOrPrefix, sharesRequests, by) {
      const [text, what] = sharesRequests ? ([shareText, "sharingBegun"] as const) : ([unshareText, "sharingEnded"] as const);
      return (await change(text, what, by, [cleanText(idOrPrefix)])) > 0;
    },
    async revokeApiKey(idOrPrefix, by) {
      return (await change(revokeText, "revoked", by, [cleanText(idOrPrefix)])) > 0;
    },
    async getKeyChanges(limit) {
      const { rows } = await pool.query<KeyChange>({ name: "get-key-changes", text: changesText, values: [count(limit)] });
      return rows;
    },
    async touchApiKeys(uses) {
      if (uses.size === 0) return;
      await pool.query({ name: "touch-api-keys", text: touchText, values: [[...uses.keys()], [...uses.values()].map(whole)] });
    },
  };
}
