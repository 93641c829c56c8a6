/** Features of captures: a row each, in their order. */
export type FeatureTable = { readonly names: readonly string[]; readonly rows: readonly (readonly number[])[] };

/** What was found in one capture, by name; what is not there is 0. */
export type FeatureRow = Readonly<Record<string, number>>;

/** A table of named numbers; what a row does not have is 0. */
export function tableOf(rows: readonly FeatureRow[]): FeatureTable {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].sort();
  return { names, rows: rows.map((row) => names.map((name) => row[name] ?? 0)) };
}
