import type { Migration } from "./migration.js";

/** Receipts of answers, 136 bytes each. */
export const receipts: Migration = {
  number: 7,
  name: "receipts",
  sql: `
alter table checks add column receipt bytea;
alter table samples add column receipt bytea;
comment on column samples.receipt is
  'the miner''s receipt: time (8 bytes, unix ms, big-endian), SHA-256 of the request, SHA-256 of the answer, sr25519 signature';
`,
};
