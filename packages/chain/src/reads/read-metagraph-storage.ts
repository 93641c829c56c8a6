import { z } from "zod";
import type { Metagraph } from "../port.js";
import { bigintSchema, integerSchema } from "../runtime/chain-json.js";
import { decodeAxon, noAxon } from "./endpoint-address.js";
import { callRuntimeApi, type Reader, type ReadOptions, readStorage, type StorageQuery } from "./reader.js";
import { subnetNotExists } from "./subnet-not-exists.js";

const PALLET = "SubtensorModule";
const U16_MAX = 65_535;
const numbers = z.array(integerSchema);
const booleans = z.array(z.boolean());
const axonSchema = z.object({ ip: bigintSchema, port: integerSchema, ipType: integerSchema, placeholder1: integerSchema }).nullish();

/**
 * The metagraph from storage alone, for runtimes without the metagraph APIs: three round trips at one block.
 *
 * Stake is the total alpha of the hotkey on the subnet where the runtime keeps it (`TotalHotkeyAlpha`), else its total stake; inherited
 * stake is left out, so a permit or threshold is better judged from the chain's own flags.
 */
export async function readMetagraphFromStorage(reader: Reader, netuid: number, options: ReadOptions = {}): Promise<Metagraph> {
  const atBlockHash = options.atBlockHash ?? z.string().parse(await reader.request("chain_getBlockHash", [], options.signal));
  const at: ReadOptions = { ...options, atBlockHash };
  const ask = (queries: readonly StorageQuery[]) => readStorage(reader, queries, at);
  const perSubnet = [
    "NetworksAdded",
    "SubnetworkN",
    "Tempo",
    "SubnetOwnerHotkey",
    "Active",
    "ValidatorPermit",
    "LastUpdate",
    "Emission",
    "Dividends",
    "Incentive",
    "Consensus",
  ];
  const [subnet, [blockNumber]] = await Promise.all([
    ask(perSubnet.map((item) => ({ pallet: PALLET, item, args: [netuid] }))),
    ask([{ pallet: "System", item: "Number" }]),
  ]);
  const [added, count, tempo, owner, active, permit, lastUpdate, emission, dividends, incentive, consensus] = subnet;
  if (added !== true) throw subnetNotExists(netuid);
  const uids = Array.from({ length: integerSchema.parse(count) }, (_unused, uid) => uid);
  const hotkeys = z.array(z.string()).parse(await ask(uids.map((uid) => ({ pallet: PALLET, item: "Keys", args: [netuid, uid] }))));
  const details = await ask(
    hotkeys.flatMap((hotkey, uid) => [
      { pallet: PALLET, item: "Owner", args: [hotkey] },
      { pallet: PALLET, item: "Axons", args: [netuid, hotkey] },
      { pallet: PALLET, item: "BlockAtRegistration", args: [netuid, uid] },
      { pallet: PALLET, item: "TotalHotkeyAlpha", args: [hotkey, netuid] },
      { pallet: PALLET, item: "TotalHotkeyStake", args: [hotkey] },
    ]),
  );
  const columns = {
    active: booleans.parse(active ?? []),
    permit: booleans.parse(permit ?? []),
    lastUpdate: numbers.parse(lastUpdate ?? []),
    emission: z.array(bigintSchema).parse(emission ?? []),
    dividends: numbers.parse(dividends ?? []),
    incentive: numbers.parse(incentive ?? []),
    consensus: numbers.parse(consensus ?? []),
  };
  return {
    netuid,
    blockNumber: integerSchema.parse(blockNumber),
    tempoBlocks: integerSchema.parse(tempo),
    ownerHotkey: typeof owner === "string" ? owner : null,
    neurons: hotkeys.map((hotkey, uid) => {
      const [coldkey, axonJson, registeredAt, alpha, stake] = details.slice(uid * 5, uid * 5 + 5);
      const axon = axonSchema.parse(axonJson);
      return {
        uid,
        hotkey,
        coldkey: z.string().parse(coldkey),
        ...(axon ? decodeAxon(axon) : noAxon),
        isActive: columns.active[uid] ?? false,
        hasValidatorPermit: columns.permit[uid] ?? false,
        stakeRao: bigintSchema.parse(alpha ?? stake ?? 0),
        lastUpdateBlock: columns.lastUpdate[uid] ?? 0,
        registeredAtBlock: integerSchema.parse(registeredAt ?? 0),
        emissionRao: columns.emission[uid] ?? 0n,
        incentiveFraction: (columns.incentive[uid] ?? 0) / U16_MAX,
        consensusFraction: (columns.consensus[uid] ?? 0) / U16_MAX,
        dividendsFraction: (columns.dividends[uid] ?? 0) / U16_MAX,
      };
    }),
  };
}

/** Hotkeys of a subnet in order of uid, at one block. */
export async function readHotkeys(reader: Reader, netuid: number, options: ReadOptions = {}): Promise<readonly string[]> {
  const selective = await callRuntimeApi(
    reader,
    { api: "SubnetInfoRuntimeApi", method: "get_selective_metagraph", args: [netuid, [52]] },
    options,
  );
  const parsed = z.object({ hotkeys: z.array(z.string()) }).safeParse(selective);
  if (parsed.success) return parsed.data.hotkeys;
  const [count] = await readStorage(reader, [{ pallet: PALLET, item: "SubnetworkN", args: [netuid] }], options);
  const uids = Array.from({ length: integerSchema.parse(count ?? 0) }, (_unused, uid) => uid);
  return z.array(z.string()).parse(
    await readStorage(
      reader,
      uids.map((uid) => ({ pallet: PALLET, item: "Keys", args: [netuid, uid] })),
      options,
    ),
  );
}
