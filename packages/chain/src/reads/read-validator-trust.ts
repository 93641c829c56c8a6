import { z } from "zod";
import { integerSchema } from "../runtime/chain-json.js";
import { type Reader, type ReadOptions, readStorage } from "./reader.js";

const U16_MAX = 65_535;

/** How far each neuron's weights agree with consensus, 0 to 1, in order of uid; null where the runtime does not keep it. */
export async function readValidatorTrust(reader: Reader, netuid: number, options: ReadOptions = {}): Promise<readonly number[] | null> {
  const [trust] = await readStorage(reader, [{ pallet: "SubtensorModule", item: "ValidatorTrust", args: [netuid] }], options);
  if (trust === undefined) return null;
  return z
    .array(integerSchema)
    .parse(trust ?? [])
    .map((trustU16) => trustU16 / U16_MAX);
}
