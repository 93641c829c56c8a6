import type { Generated } from "kysely";

/** Columns of the tables as Kysely and the row parsers see them; the migrations are the definition. */
export type Tables = {
  readonly periods: { period: number; starts_at_ms: number; ends_at_ms: number; seed: string; common_seed: string; is_open: boolean };
  readonly series: { id: Generated<number>; hotkey: string; task_id: string };
  readonly tallies: {
    period: number;
    series_id: number;
    declared_capacity_per_hour: number;
    tried_fraction: number;
    planned_units: number;
    planned_requests: number;
    attempted_units: Generated<number>;
    completed_units: Generated<number>;
    rate_limited_units: Generated<number>;
    failed_units: Generated<number>;
    requests: Generated<number>;
    ok_count: Generated<number>;
    rate_limited_count: Generated<number>;
    failed_count: Generated<number>;
    organic_count: Generated<number>;
  };
  readonly checks: {
    request_id: string;
    sequence: Generated<number>;
    period: number;
    series_id: number;
    request: unknown;
    answer: unknown;
    first_token_ms: number | null;
    duration_ms: number;
    units: number;
    attempts: Generated<number>;
    leased_until_ms: Generated<number>;
    sampler: Generated<string>;
    is_organic: Generated<boolean>;
  };
  readonly epoch_reports: { period: number; created_at_ms: number; report: unknown };
  readonly period_reports: { period: number; report: unknown };
  readonly scoring_inputs: { period: number; gzip_json: Buffer };
  readonly weight_sets: {
    netuid: number;
    epoch_block: number;
    weights: unknown;
    state: string;
    begun_at_ms: number;
    included_at_block: number | null;
    detail: string | null;
    reveal_block: number | null;
    reveal_outcome: string | null;
  };
  readonly api_keys: {
    id: string;
    name: string;
    prefix: string;
    sha256_hex: string;
    requests_per_minute: number;
    tokens_per_minute: number | null;
    concurrent_requests: number;
    monthly_units: number | null;
    paid_units: number | null;
    shares_requests: boolean;
    created_at_ms: number;
    last_used_at_ms: number | null;
    revoked_at_ms: number | null;
  };
};
