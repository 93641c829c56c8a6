import type { Migration } from "./migration.js";

/** Limits of API keys besides requests a minute. Keys that exist get no limit of tokens, as they were sold without one. */
export const apiKeyLimits: Migration = {
  number: 4,
  name: "API key limits",
  sql: `
    alter table api_keys add column tokens_per_minute bigint;
    alter table api_keys add column concurrent_requests bigint not null default 32;
    alter table api_keys alter column concurrent_requests drop default;
  `,
};
