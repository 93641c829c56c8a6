import { type Kysely, sql } from "kysely";
import type { SettingsChange } from "../../domain/records/index.js";
import { findSettingsChanges, type ShownSettings } from "../../domain/settings-changes.js";
import type { SettingsStore } from "../../ports/index.js";
import { cleanText, count, whole } from "./clean-values.js";
import type { Tables } from "./tables.js";

/** JSON as `jsonb` takes it: it refuses NUL, which becomes U+FFFD. */
function jsonbOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "string" ? part.replaceAll("\0", "\uFFFD") : part));
}

/** Settings at starts, and what changed between them. */
export function createSettingsTable(database: Kysely<Tables>): SettingsStore {
  return {
    noteSettings: ({ settings, version, nowMs }) =>
      database.transaction().execute(async (transaction) => {
        // Two starts at once find each other's settings.
        await sql`lock table settings_in_force in share row exclusive mode`.execute(transaction);
        const { rows } = await sql<{ settings: ShownSettings }>`select settings from settings_in_force`.execute(transaction);
        const text = jsonbOf(settings);
        const found = rows[0] === undefined ? [] : findSettingsChanges(rows[0].settings, JSON.parse(text) as ShownSettings);
        const changes = found.map((change) => ({ ...change, atMs: whole(nowMs), version: cleanText(version) }));
        await sql`
          insert into settings_in_force (at_ms, settings) values (${whole(nowMs)}, ${text})
          on conflict (is_only) do update set at_ms = excluded.at_ms, settings = excluded.settings`.execute(transaction);
        for (const { atMs, setting, before, after } of changes) {
          await sql`
            insert into settings_changes (at_ms, version, setting, before, after)
            values (${atMs}, ${cleanText(version)}, ${cleanText(setting)}, ${jsonbOf(before)}, ${jsonbOf(after)})`.execute(transaction);
        }
        return changes;
      }),
    async getSettingsChanges(limit) {
      const { rows } = await sql<SettingsChange>`
        select at_ms as "atMs", version, setting, before, after from settings_changes order by id desc limit ${count(limit)}`.execute(
        database,
      );
      return rows;
    },
  };
}
