import { z } from "zod";
import { hexSchema } from "../runtime/chain-json.js";
import type { Runtime, StorageItem } from "../runtime/runtime.js";

/** What every read needs. */
export type Reader = {
  runtime(signal?: AbortSignal): Promise<Runtime>;
  request(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<unknown>;
};

/** Where and how long to read. */
export type ReadOptions = { readonly signal?: AbortSignal | undefined; readonly atBlockHash?: string | undefined };

/** One storage item with its keys. */
export type StorageQuery = { readonly pallet: string; readonly item: string; readonly args?: readonly unknown[] };

const changesSchema = z.array(z.object({ changes: z.array(z.tuple([hexSchema, hexSchema.nullable()])) }));

/**
 * Several storage items at one block in one round trip, in the order asked for. An item that the runtime does not have is `undefined`;
 * a missing value is the item's default, or null for an optional one.
 */
export async function readStorage(
  reader: Reader,
  queries: readonly StorageQuery[],
  options: ReadOptions = {},
): Promise<readonly unknown[]> {
  const runtime = await reader.runtime(options.signal);
  const items = queries.map((query) => {
    const item = runtime.storage(query.pallet, query.item);
    return item === null ? null : { item, key: item.key(query.args ?? []) };
  });
  const present = items.filter((entry): entry is { readonly item: StorageItem; readonly key: string } => entry !== null);
  if (present.length === 0) return queries.map(() => undefined);
  const params = [present.map((entry) => entry.key), ...(options.atBlockHash === undefined ? [] : [options.atBlockHash])];
  const sets = changesSchema.parse(await reader.request("state_queryStorageAt", params, options.signal));
  const values = new Map(sets.flatMap((set) => set.changes));
  return items.map((entry) => (entry === null ? undefined : entry.item.decode(values.get(entry.key) ?? null)));
}

/** Result of a runtime API method at one block, or `undefined` when the runtime does not have it. */
export async function callRuntimeApi(
  reader: Reader,
  call: { readonly api: string; readonly method: string; readonly args: readonly unknown[] },
  options: ReadOptions = {},
): Promise<unknown> {
  const method = (await reader.runtime(options.signal)).api(call.api, call.method);
  if (method === null) return undefined;
  const params = [method.name, method.encode(call.args), ...(options.atBlockHash === undefined ? [] : [options.atBlockHash])];
  return method.decode(hexSchema.parse(await reader.request("state_call", params, options.signal)));
}
