import { bls12_381 } from "@noble/curves/bls12-381.js";
import { quicknet } from "../../src/index.js";
import { roundMessage } from "../../src/timelock/identity-encryption.js";
import { encodeU64 } from "../../src/timelock/scale.js";
import type { ChainHarness } from "./harness.js";

/** Any scalar will do: the chain is told its public key. */
const SECRET = 0x1234_5678_9abc_def0_1234_5678n;

/**
 * Puts a beacon with a known key in the place of drand's, so that pulses of the future can be published. Opening a commit takes the
 * round's signature only, which is as good from this key as from drand's.
 */
export async function takeOverBeacon(harness: ChainHarness): Promise<(round: number) => Promise<void>> {
  const key = harness.runtime.storage("Drand", "BeaconConfig")?.key([]) ?? "";
  const publicKeyHex = Buffer.from(bls12_381.G2.Point.BASE.multiply(SECRET).toBytes(true)).toString("hex");
  const stored = await harness.send("state_getStorage", [key]);
  const drand = harness.runtime.registry.metadata.pallets.find((pallet) => pallet.name.toString() === "Drand");
  const item = drand?.storage.unwrap().items.find((entry) => entry.name.toString() === "BeaconConfig");
  const config = typeof stored === "string" ? stored : (item?.fallback.toHex() ?? "");
  if (!config.includes(quicknet.publicKeyHex)) throw new Error("The chain has no quicknet beacon to replace.");
  await harness.setStorage("Drand", "BeaconConfig", [], config.replace(quicknet.publicKeyHex, publicKeyHex));
  return async (round) => {
    const point = bls12_381.G1.hashToCurve(roundMessage(round), { DST: "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_" });
    const signature = point.multiply(SECRET).toBytes(true);
    const pulse = Buffer.concat([encodeU64(BigInt(round)), Buffer.of(32 << 2), new Uint8Array(32), Buffer.of(48 << 2), signature]);
    await harness.setStorage("Drand", "Pulses", [round], `0x${pulse.toString("hex")}`);
  };
}
