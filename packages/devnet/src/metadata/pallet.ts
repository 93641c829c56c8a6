import { type AnyCodec, type Codec, encodeWith } from "../scale/codec.js";
import type { AnyStorageItem } from "./storage-item.js";

/** A constant of a pallet: its type and its encoded value. */
export type PalletConstant = { readonly codec: AnyCodec; readonly bytes: Uint8Array };

/** A constant of a pallet. */
export function constant<T>(codec: Codec<T>, value: T): PalletConstant {
  return { codec, bytes: encodeWith(codec, value) };
}

/** What the node declares of one pallet. Metadata is made from this, and so are encoding and decoding. */
export type Pallet = {
  readonly name: string;
  readonly index: number;
  readonly calls: AnyCodec | null;
  readonly events: AnyCodec | null;
  readonly errors: AnyCodec | null;
  readonly storage: readonly AnyStorageItem[];
  readonly constants: Readonly<Record<string, PalletConstant>>;
};
