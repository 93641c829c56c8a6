import type { SpooledResult } from "./results-spool.js";

/** One part of what the core tells gateways: JSON, and a number that grows whenever it changes. */
export type ToldPart = { readonly version: number; readonly body: string };

/** What the core has told. */
export type HeardCore = {
  /** How long ago it told anything, milliseconds by the store's own clock; null where it has told nothing. */
  readonly ageMs: number | null;
  /** Parts that are newer than what was known, by name. */
  readonly parts: ReadonlyMap<string, ToldPart>;
};

/** An entry that was handed over; `entry` is null where this program cannot read it. */
export type HandedOver = { readonly requestId: string; readonly entry: SpooledResult | null };

/** Between the core and gateways in processes of their own. */
export type GatewayStore = {
  /** Puts parts in the place of those told before. */
  tellGateways(parts: Readonly<Record<string, string>>): Promise<void>;
  /** @param knownVersion - The largest that was heard; 0 for none. */
  hearCore(knownVersion: number): Promise<HeardCore>;
  /** Keeps results until the core has recorded them. Handing over the same one twice changes nothing. */
  handOver(entries: readonly SpooledResult[]): Promise<void>;
  /** The oldest that wait, but for those ids. Each waits until `recordResults` was given it, or it is dropped. */
  getHandedOver(wanted: { readonly limit: number; readonly except: readonly string[] }): Promise<readonly HandedOver[]>;
  /** Which of these wait. */
  findHandedOver(requestIds: readonly string[]): Promise<readonly string[]>;
  /** Forgets them unrecorded. */
  dropHandedOver(requestIds: readonly string[]): Promise<void>;
};
