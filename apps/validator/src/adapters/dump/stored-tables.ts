/**
 * Every table of the validator in any schema that was released, but for those below and the one that counts the migrations: only these are
 * dumped, and only into these is anything restored. A table that a migration makes is added here; one that a migration drops stays, for dumps
 * of before it.
 */
export const storedTables = [
  "periods",
  "series",
  "tallies",
  "results",
  "checks",
  "samples",
  "sample_counts",
  "epoch_reports",
  "scoring_inputs",
  "period_reports",
  "weight_sets",
  "api_keys",
  "key_usage",
  "check_terms",
  "key_changes",
  "settings_in_force",
  "settings_changes",
  "gateway_results",
  "usage_writers",
  "key_charges",
] as const;

/** Not in dumps: what gateways are told lives a second, and what users sent must be gone when their keys end or no longer share it. */
export const unstoredTables = ["gateway_state", "shared_requests"] as const;

/** Sequences that belong to no table, in any such schema. */
export const storedSequences = ["check_turns"] as const;
