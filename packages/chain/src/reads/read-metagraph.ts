import { z } from "zod";
import type { Metagraph, Neuron } from "../port.js";
import { bigintSchema, integerSchema } from "../runtime/chain-json.js";
import { decodeAxon, noAxon } from "./endpoint-address.js";
import { readMetagraphFromStorage } from "./read-metagraph-storage.js";
import { callRuntimeApi, type Reader, type ReadOptions } from "./reader.js";
import { subnetNotExists } from "./subnet-not-exists.js";

/** Field indexes of `get_selective_metagraph` (rpc_info/metagraph.rs): owner, block, tempo, then the columns of neurons. */
const FIELDS = [0, 5, 7, 8, 52, 53, 55, 56, 57, 59, 60, 61, 62, 63, 66, 69];
const U16_MAX = 65_535;

const axonSchema = z.object({ ip: bigintSchema, port: integerSchema, ipType: integerSchema, placeholder1: integerSchema });
const metagraphSchema = z.object({
  ownerHotkey: z.string().nullish(),
  block: integerSchema,
  tempo: integerSchema,
  hotkeys: z.array(z.string()),
  coldkeys: z.array(z.string()),
  axons: z.array(axonSchema),
  active: z.array(z.boolean()),
  validatorPermit: z.array(z.boolean()),
  lastUpdate: z.array(integerSchema),
  emission: z.array(bigintSchema),
  dividends: z.array(integerSchema),
  incentives: z.array(integerSchema),
  consensus: z.array(integerSchema),
  blockAtRegistration: z.array(integerSchema),
  totalStake: z.array(bigintSchema),
});

type Columns = z.infer<typeof metagraphSchema>;

/**
 * The metagraph at one block, in one round trip where the runtime has `get_selective_metagraph` or `get_metagraph`; from storage
 * otherwise.
 *
 * @throws {@link ChainError} `CHAIN_REJECTED`, chain name `SubnetNotExists`.
 */
export async function readMetagraph(reader: Reader, netuid: number, options: ReadOptions = {}): Promise<Metagraph> {
  const api = "SubnetInfoRuntimeApi";
  const selective = await callRuntimeApi(reader, { api, method: "get_selective_metagraph", args: [netuid, FIELDS] }, options);
  const json =
    selective === undefined ? await callRuntimeApi(reader, { api, method: "get_metagraph", args: [netuid] }, options) : selective;
  if (json === undefined) return readMetagraphFromStorage(reader, netuid, options);
  if (json === null) throw subnetNotExists(netuid);
  const columns = metagraphSchema.parse(json);
  return {
    netuid,
    blockNumber: columns.block,
    tempoBlocks: columns.tempo,
    ownerHotkey: columns.ownerHotkey ?? null,
    neurons: columns.hotkeys.map((_hotkey, uid) => neuronOf(columns, uid)),
  };
}

function neuronOf(columns: Columns, uid: number): Neuron {
  const axon = columns.axons[uid];
  return {
    uid,
    hotkey: columns.hotkeys[uid] ?? "",
    coldkey: columns.coldkeys[uid] ?? "",
    ...(axon === undefined ? noAxon : decodeAxon(axon)),
    isActive: columns.active[uid] ?? false,
    hasValidatorPermit: columns.validatorPermit[uid] ?? false,
    stakeRao: columns.totalStake[uid] ?? 0n,
    lastUpdateBlock: columns.lastUpdate[uid] ?? 0,
    registeredAtBlock: columns.blockAtRegistration[uid] ?? 0,
    emissionRao: columns.emission[uid] ?? 0n,
    incentiveFraction: (columns.incentives[uid] ?? 0) / U16_MAX,
    consensusFraction: (columns.consensus[uid] ?? 0) / U16_MAX,
    dividendsFraction: (columns.dividends[uid] ?? 0) / U16_MAX,
  };
}
