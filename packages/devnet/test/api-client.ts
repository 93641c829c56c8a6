import { ApiPromise, WsProvider } from "@polkadot/api";
import type { ApiOptions, SubmittableExtrinsic } from "@polkadot/api/types";
import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { Codec } from "@polkadot/types/types";
import type { Devnet } from "../src/index.js";

const unknownExtensions = Object.fromEntries(
  ["SudoTransactionExtension", "CheckShieldedTxValidity", "SubtensorTransactionExtension", "DrandPriority"].map((name) => [
    name,
    { extrinsic: {}, payload: {} },
  ]),
);

/** A client of a node, as users connect. */
export async function connect(url: string): Promise<ApiPromise> {
  // The library's own classes do not fit its interfaces under exactOptionalPropertyTypes.
  const provider = new WsProvider(url) as unknown as NonNullable<ApiOptions["provider"]>;
  return ApiPromise.create({ provider, noInitWarn: true, signedExtensions: unknownExtensions });
}

/** A development key. */
export function key(uri: string): KeyringPair {
  return new Keyring({ type: "sr25519", ss58Format: 42 }).addFromUri(uri);
}

type Call = SubmittableExtrinsic<"promise">;

/** A call by pallet and name. Throws when the node does not declare it. */
export function call(api: ApiPromise, pallet: string, name: string, ...args: readonly unknown[]): Call {
  const make = api.tx[pallet]?.[name];
  if (make === undefined) throw new Error(`${pallet}.${name} is not declared`);
  return make(...args);
}

/** A storage entry as JSON. */
export async function read(api: ApiPromise, pallet: string, name: string, ...keys: readonly unknown[]): Promise<unknown> {
  const query = api.query[pallet]?.[name];
  if (query === undefined) throw new Error(`${pallet}.${name} is not declared`);
  const value: Codec = await query(...keys);
  return value.toJSON();
}

/** What a runtime API answers. */
export async function ask(api: ApiPromise, group: string, method: string, ...args: readonly unknown[]): Promise<Codec> {
  const run = api.call[group]?.[method];
  if (run === undefined) throw new Error(`${group}.${method} is not declared`);
  return run(...args);
}

/** What an extrinsic came to: the names of its events, and of the error if it failed or the pool refused it. */
export type Outcome = { readonly events: readonly string[]; readonly error: string | null };

/** Submits an extrinsic, makes a block of it, and says what came of it. */
export async function send(devnet: Devnet, extrinsic: Call, pair: KeyringPair): Promise<Outcome> {
  return new Promise((resolve) => {
    extrinsic
      .signAndSend(pair, ({ status, events, dispatchError }) => {
        if (status.isReady) devnet.produceBlock();
        if (!status.isInBlock && !status.isFinalized) return;
        const module = dispatchError?.isModule === true ? dispatchError.registry.findMetaError(dispatchError.asModule).name : null;
        const names = events.map(({ event }) => `${event.section}.${event.method}`);
        resolve({ events: names, error: module ?? dispatchError?.type ?? null });
      })
      .catch((error: unknown) => resolve({ events: [], error: error instanceof Error ? error.message : String(error) }));
  });
}
