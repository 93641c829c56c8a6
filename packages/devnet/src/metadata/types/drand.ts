import { boundedBytes } from "../../scale/collections.js";
import { u32, u64 } from "../../scale/primitives.js";
import { struct } from "../../scale/records.js";

/** One round of the beacon: its randomness and the signature that opens what was locked to it. */
export const pulse = struct("pallet_drand::types::Pulse", { round: u64, randomness: boundedBytes(32), signature: boundedBytes(144) });
const beaconMetadata = struct("pallet_drand::types::Metadata", { beacon_id: boundedBytes(32) });

/** Which beacon is followed: key, hashes, and `period` and `genesis_time` in seconds. */
export const beaconConfiguration = struct("pallet_drand::types::BeaconConfiguration", {
  public_key: boundedBytes(96),
  period: u32,
  genesis_time: u32,
  hash: boundedBytes(32),
  group_hash: boundedBytes(32),
  scheme_id: boundedBytes(32),
  metadata: beaconMetadata,
});
