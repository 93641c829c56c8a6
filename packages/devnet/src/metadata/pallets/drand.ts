import { vec } from "../../scale/collections.js";
import { u64 } from "../../scale/primitives.js";
import { bare, holding, variant } from "../../scale/records.js";
import { blake2Key, optionallyStored, stored } from "../storage-item.js";
import { beaconConfiguration, pulse } from "../types/drand.js";

/** The events of Drand. */
export const drandEvent = variant(
  "pallet_drand::pallet::Event",
  { BeaconConfigChanged: bare(0), NewPulse: holding(1, { rounds: vec(u64) }), SetOldestStoredRound: holding(2, [u64]) },
  [{ name: "T", codec: null }],
);

const pallet = "Drand";
const nothing = new Uint8Array();

/** Storage of Drand: the beacon's configuration and its pulses by round. */
export const drandStorage = {
  beaconConfig: stored(pallet, "BeaconConfig", [], beaconConfiguration, {
    public_key: nothing,
    period: 0,
    genesis_time: 0,
    hash: nothing,
    group_hash: nothing,
    scheme_id: nothing,
    metadata: { beacon_id: nothing },
  }),
  pulses: optionallyStored(pallet, "Pulses", [blake2Key(u64)], pulse),
  lastStoredRound: stored(pallet, "LastStoredRound", [], u64, 0n),
  oldestStoredRound: stored(pallet, "OldestStoredRound", [], u64, 0n),
} as const;
