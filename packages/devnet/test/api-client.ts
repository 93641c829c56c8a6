import { ApiPromise, WsProvider } from "@polkadot/api";
import type { ApiOptions, SubmittableExtrinsic } from "@polkadot/api/types";
import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
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

/** What an extrinsic came to: the names of its events, and of the error if it failed. */
export type Outcome = { readonly events: readonly string[]; readonly error: string | null };

/** Submits an extrinsic, makes a block and says what came of it. Rejects when the pool refuses. */
export async function send(devnet: Devnet, extrinsic: SubmittableExtrinsic<"promise">, pair: KeyringPair): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    extrinsic
      .signAndSend(pair, ({ status, events, dispatchError }) => {
        if (status.isReady) devnet.produceBlock();
        if (!status.isInBlock) return;
        const error =
          dispatchError?.isModule === true
            ? dispatchError.registry.findMetaError(dispatchError.asModule).name
            : (dispatchError?.type ?? null);
        resolve({ events: events.map(({ event }) => `${event.section}.${event.method}`), error });
      })
      .catch(reject);
  });
}
