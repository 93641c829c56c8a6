/** drand's quicknet beacon, which subtensor reads pulses from. Chain hash 52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971. */
export type DrandBeacon = {
  /** Unix time of round 1, seconds. */
  readonly genesisSeconds: number;
  readonly periodSeconds: number;
  /** Compressed G2 public key, 96 bytes, hex without 0x. */
  readonly publicKeyHex: string;
};

/** The beacon of every public subtensor chain. A development chain may have its own with a key that it knows. */
export const quicknet: DrandBeacon = {
  genesisSeconds: 1_692_803_367,
  periodSeconds: 3,
  publicKeyHex:
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
};

/** The round that is the newest at a time; at least 1. The Python package computes it the same way, without drand's own offset of one. */
export function roundAtSeconds(unixSeconds: number, beacon: DrandBeacon = quicknet): number {
  return Math.max(1, Math.floor((unixSeconds - beacon.genesisSeconds) / beacon.periodSeconds));
}
