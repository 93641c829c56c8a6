import type { RequestBody } from "@vision/protocol";
import type pg from "pg";
import type { SharedRequestStore } from "../../ports/index.js";
import { cleanText, whole } from "./clean-values.js";

// Whether a key shares is looked up with the writing: what it sent before its sharing ended may come in after that.
const addText = `
insert into shared_requests (task_id, key_id, hotkeys, at_ms, request)
select added.task_id, added.key_id, added.hotkeys, added.at_ms, added.request
from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[]) with ordinality
  as added(task_id, key_id, hotkeys, at_ms, request, place)
join api_keys on api_keys.id = added.key_id and api_keys.shares_requests and api_keys.revoked_at_ms is null
order by added.place`;

const deleteText = `
delete from shared_requests using (
  select id, sum(octet_length(request)) over (partition by task_id order by id desc) as bytes from shared_requests
) counted
where shared_requests.id = counted.id and (shared_requests.at_ms < $1 or counted.bytes > $2)`;

const getText = `
select task_id as "taskId", key_id as "keyId", hotkeys, at_ms as "atMs", request from shared_requests order by id`;

type Row = { taskId: string; keyId: string; hotkeys: string; atMs: number; request: string };

/** Requests of keys that share them. */
export function createSharedRequestTable(pool: pg.Pool): SharedRequestStore {
  return {
    async addSharedRequests(records) {
      if (records.length === 0) return;
      const values = [
        records.map(({ taskId }) => cleanText(taskId)),
        records.map(({ keyId }) => cleanText(keyId)),
        records.map(({ hotkeys }) => cleanText(hotkeys.join(" "))),
        records.map(({ atMs }) => whole(atMs)),
        records.map(({ request }) => cleanText(JSON.stringify(request))),
      ];
      await pool.query({ name: "add-shared-requests", text: addText, values });
    },
    async takeStockOfSharedRequests({ sinceMs, maxBytesPerTask }) {
      await pool.query({ name: "delete-shared-requests", text: deleteText, values: [whole(sinceMs), whole(maxBytesPerTask)] });
      const { rows } = await pool.query<Row>({ name: "get-shared-requests", text: getText });
      return rows.map(({ request, hotkeys, ...row }) => ({
        ...row,
        hotkeys: hotkeys.split(" ").filter(Boolean),
        request: JSON.parse(request) as RequestBody,
      }));
    },
  };
}
