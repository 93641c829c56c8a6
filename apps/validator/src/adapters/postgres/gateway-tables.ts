import type pg from "pg";
import type { GatewayStore, Logger, SpooledResult } from "../../ports/index.js";
import { spooledResultSchema } from "../spooled-result-schema.js";
import { toJson } from "./clean-values.js";
import { mayBeRowFault } from "./store-error.js";

/** A part that is as it was is not written again; its time is, for it shows that the core lives. Versions grow, also over a table that was emptied. */
const tellText = `
insert into gateway_state (part, version, told_at, body)
select part, (extract(epoch from clock_timestamp()) * 1000000)::bigint, clock_timestamp(), body
from unnest($1::text[], $2::text[]) as told(part, body)
order by part
on conflict (part) do update set
  told_at = excluded.told_at,
  version = case when gateway_state.body = excluded.body then gateway_state.version
    else greatest(gateway_state.version + 1, excluded.version) end,
  body = case when gateway_state.body = excluded.body then gateway_state.body else excluded.body end`;

const hearText = `
select part, version::float8 as version, case when version > $1::bigint then body end as body,
  extract(epoch from clock_timestamp() - told_at)::float8 * 1000 as "ageMs"
from gateway_state`;

const handOverText = `
insert into gateway_results (request_id, entry)
select * from unnest($1::uuid[], $2::json[])
on conflict (request_id) do nothing`;

const getText = `
select request_id as "requestId", entry::text as text from gateway_results
where request_id <> all($1::uuid[]) order by sequence limit $2`;

type StateRow = { readonly part: string; readonly version: number; readonly body: string | null; readonly ageMs: number };

function parseEntry(text: string): SpooledResult | null {
  try {
    return spooledResultSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** What goes between the core and gateways in processes of their own. */
export function createGatewayTables(pool: pg.Pool, logger: Pick<Logger, "error" | "warn">): GatewayStore {
  /** What the database refuses alone goes without its answer, and where that does not help, not at all. */
  async function handOver(entries: readonly SpooledResult[]): Promise<void> {
    if (entries.length === 0) return;
    try {
      const values = [entries.map(({ result }) => result.requestId), entries.map((entry) => toJson(entry))];
      await pool.query({ name: "hand-over", text: handOverText, values });
    } catch (error) {
      if (!mayBeRowFault(error)) throw error;
      const [first] = entries;
      if (entries.length > 1 || first === undefined) {
        const middle = Math.ceil(entries.length / 2);
        await handOver(entries.slice(0, middle));
        return handOver(entries.slice(middle));
      }
      const { result, check } = first;
      const facts = { requestId: result.requestId, hotkey: result.hotkey };
      if (check === null) return logger.error("A result was refused by the database and is lost", { ...facts, error });
      logger.warn("A check could not be handed over and is dropped", facts);
      return handOver([{ result, check: null }]);
    }
  }

  return {
    handOver,
    async tellGateways(parts) {
      await pool.query({ name: "tell-gateways", text: tellText, values: [Object.keys(parts), Object.values(parts)] });
    },
    async hearCore(knownVersion) {
      const { rows } = await pool.query<StateRow>({ name: "hear-core", text: hearText, values: [knownVersion] });
      const news = rows.flatMap(({ part, version, body }) => (body === null ? [] : [[part, { version, body }] as const]));
      return { ageMs: rows.length === 0 ? null : Math.max(0, Math.min(...rows.map(({ ageMs }) => ageMs))), parts: new Map(news) };
    },
    async getHandedOver({ limit, except }) {
      const { rows } = await pool.query<{ requestId: string; text: string }>({
        ...{ name: "get-handed-over", text: getText, values: [except, limit] },
      });
      return rows.map(({ requestId, text }) => ({ requestId, entry: parseEntry(text) }));
    },
    async findHandedOver(requestIds) {
      const { rows } = await pool.query<{ requestId: string }>({
        name: "find-handed-over",
        text: `select request_id as "requestId" from gateway_results where request_id = any($1::uuid[])`,
        values: [requestIds],
      });
      return rows.map(({ requestId }) => requestId);
    },
    async dropHandedOver(requestIds) {
      await pool.query({
        ...{ name: "drop-handed-over", text: "delete from gateway_results where request_id = any($1::uuid[])", values: [requestIds] },
      });
    },
  };
}
