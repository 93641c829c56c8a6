import { ChainError } from "../errors/chain-error.js";
import type { Submitter } from "../submit/submitter.js";

/** The pallet that most calls belong to. */
export const SUBTENSOR = "SubtensorModule";

/** The first of several calls that the runtime has: chosen by presence, never by version. @throws `CHAIN_UNSUPPORTED` when it has none. */
export async function chooseCall(
  submitter: Submitter,
  names: readonly string[],
  options: { readonly pallet?: string; readonly signal: AbortSignal | undefined },
): Promise<string> {
  const pallet = options.pallet ?? SUBTENSOR;
  const runtime = await submitter.runtime(options.signal);
  const name = names.find((candidate) => runtime.hasCall(pallet, candidate));
  if (name !== undefined) return name;
  throw new ChainError({
    code: "CHAIN_UNSUPPORTED",
    message: `The connected runtime has none of the calls ${names.map((candidate) => `${pallet}.${candidate}`).join(", ")}.`,
    facts: { specName: runtime.version.specName, specVersion: runtime.version.specVersion },
  });
}
