import { z } from "zod";
import type { Rao, WeightU16 } from "../port.js";
import { bigintSchema, integerSchema } from "../runtime/chain-json.js";
import { mechanismStorageIndex } from "../timelock/commit-hash.js";
import { callRuntimeApi, type Reader, type ReadOptions, readStorage } from "./reader.js";

const PALLET = "SubtensorModule";

/** TAO that an account can spend, in RAO. */
export async function readBalance(reader: Reader, address: string, options: ReadOptions = {}): Promise<Rao> {
  const [account] = await readStorage(reader, [{ pallet: "System", item: "Account", args: [address] }], options);
  return z.object({ data: z.object({ free: bigintSchema }) }).parse(account).data.free;
}

/** uid of a hotkey on a subnet; null when it is not registered. */
export async function readUid(
  reader: Reader,
  key: { readonly netuid: number; readonly hotkey: string },
  options: ReadOptions = {},
): Promise<number | null> {
  const [uid] = await readStorage(reader, [{ pallet: PALLET, item: "Uids", args: [key.netuid, key.hotkey] }], options);
  return uid === null || uid === undefined ? null : integerSchema.parse(uid);
}

/** The price of registering on a subnet at this moment, RAO. */
export async function readRegistrationCost(reader: Reader, netuid: number, options: ReadOptions = {}): Promise<Rao> {
  const [burn] = await readStorage(reader, [{ pallet: PALLET, item: "Burn", args: [netuid] }], options);
  return bigintSchema.parse(burn);
}

/** What registering a new subnet locks at this moment, RAO; null when the runtime does not say. */
export async function readNetworkRegistrationCost(reader: Reader, options: ReadOptions = {}): Promise<Rao | null> {
  const cost = await callRuntimeApi(
    reader,
    { api: "SubnetRegistrationRuntimeApi", method: "get_network_registration_cost", args: [] },
    options,
  );
  return cost === undefined ? null : bigintSchema.parse(cost);
}

/** Alpha that a coldkey holds on a hotkey of a subnet, RAO. */
export async function readStake(
  reader: Reader,
  key: { readonly netuid: number; readonly hotkey: string; readonly coldkey: string },
  options: ReadOptions = {},
): Promise<Rao> {
  const args = [key.hotkey, key.coldkey, key.netuid];
  const info = await callRuntimeApi(
    reader,
    { api: "StakeInfoRuntimeApi", method: "get_stake_info_for_hotkey_coldkey_netuid", args },
    options,
  );
  const parsed = z.object({ stake: bigintSchema }).safeParse(info);
  return parsed.success ? parsed.data.stake : 0n;
}

/** The weights that the chain holds for a uid, sorted by uid. */
export async function readWeights(
  reader: Reader,
  key: { readonly netuid: number; readonly uid: number; readonly mechanismId?: number },
  options: ReadOptions = {},
): Promise<readonly WeightU16[]> {
  const index = mechanismStorageIndex(key.netuid, key.mechanismId);
  const [weights] = await readStorage(reader, [{ pallet: PALLET, item: "Weights", args: [index, key.uid] }], options);
  const pairs = z.array(z.tuple([integerSchema, integerSchema])).parse(weights ?? []);
  return pairs.map(([uid, weightU16]) => ({ uid, weightU16 })).sort((a, b) => a.uid - b.uid);
}
