import type { Runtime } from "./runtime.js";

/** One event of a block. */
export type ChainEvent = {
  /** Position of the extrinsic in the block; null for events of the block itself. */
  readonly extrinsicIndex: number | null;
  /** Camel case, such as `subtensorModule`. */
  readonly pallet: string;
  /** As in Rust, such as `ExtrinsicFailed`. */
  readonly name: string;
  /** The fields in order, in JSON form. */
  readonly data: readonly unknown[];
};

/** The part of polkadot.js' event record that is read here. */
type EventRecord = {
  readonly phase: { readonly isApplyExtrinsic: boolean; readonly asApplyExtrinsic: { toNumber(): number } };
  readonly event: { readonly section: string; readonly method: string; readonly data: { toJSON(): unknown } };
};

/** Events out of the bytes of `System.Events`. */
export function decodeEvents(runtime: Runtime, hex: string): readonly ChainEvent[] {
  const bytes = Uint8Array.from(Buffer.from(hex.slice(2), "hex"));
  const records = runtime.registry.createTypeUnsafe("Vec<FrameSystemEventRecord>", [bytes]) as unknown as Iterable<EventRecord>;
  return [...records].map(({ phase, event }) => {
    const data = event.data.toJSON();
    return {
      extrinsicIndex: phase.isApplyExtrinsic ? phase.asApplyExtrinsic.toNumber() : null,
      pallet: event.section,
      name: event.method,
      data: Array.isArray(data) ? data : [data],
    };
  });
}
