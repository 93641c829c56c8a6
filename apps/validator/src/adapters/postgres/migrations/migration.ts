/** One forward step of the schema. `sql` may hold several statements; it runs inside a transaction. */
export type Migration = { readonly number: number; readonly name: string; readonly sql: string };
