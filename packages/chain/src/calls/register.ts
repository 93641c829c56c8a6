import { ChainError } from "../errors/chain-error.js";
import type { ChainSigner, Inclusion, Rao } from "../port.js";
import { readRegistrationCost, readUid } from "../reads/read-accounts.js";
import { submit } from "../submit/submit.js";
import type { Submitter } from "../submit/submitter.js";
import { chooseCall, SUBTENSOR } from "./call-context.js";
import { formatTao } from "./format-tao.js";

/** A registration of a hotkey on a subnet, paid by a coldkey. */
export type RegisterRequest = {
  readonly netuid: number;
  /** ss58 address to register. */
  readonly hotkey: string;
  /** The coldkey; it pays and owns the hotkey from then on. */
  readonly signer: ChainSigner;
  /** The most that may be burned, RAO. Nothing is sent when the price is above. */
  readonly maxBurnRao: Rao;
  /** How much the price may rise until the call is included, parts per million. Default 50,000 (5 %). Never above `maxBurnRao`. */
  readonly slackPpm?: number;
};

const DEFAULT_SLACK_PPM = 50_000;

/**
 * Registers a hotkey by burning TAO. Where the runtime has `register_limit`, the chain itself refuses a price above the quoted one plus
 * slack; older runtimes take whatever the price is in the block, so the quoted price is checked only.
 *
 * @throws {@link ChainError} `CHAIN_TOO_EXPENSIVE`, or `CHAIN_REJECTED` with the chain's name.
 */
export async function register(
  submitter: Submitter,
  request: RegisterRequest,
  signal: AbortSignal | undefined,
): Promise<Inclusion & { readonly uid: number }> {
  const name = await chooseCall(submitter, ["register_limit", "burned_register"], { signal });
  const costRao = await readRegistrationCost(submitter, request.netuid, { signal });
  if (costRao > request.maxBurnRao) {
    throw new ChainError({
      code: "CHAIN_TOO_EXPENSIVE",
      message: `Registering on subnet ${request.netuid} costs ${formatTao(costRao)} TAO, the maximum allowed is ${formatTao(request.maxBurnRao)} TAO.`,
      hint: "Wait for the price to fall, or allow more with --max-burn.",
      isRetryable: true,
      facts: { netuid: request.netuid, costRao: costRao.toString(), maxBurnRao: request.maxBurnRao.toString() },
    });
  }
  const withSlackRao = costRao + (costRao * BigInt(request.slackPpm ?? DEFAULT_SLACK_PPM)) / 1_000_000n;
  const limitRao = withSlackRao < request.maxBurnRao ? withSlackRao : request.maxBurnRao;
  const { events: _events, ...inclusion } = await submit(submitter, {
    pallet: SUBTENSOR,
    name,
    args: { netuid: request.netuid, hotkey: request.hotkey, limit_price: limitRao },
    signer: request.signer,
    signal,
  });
  const uid = await readUid(submitter, request, { signal, atBlockHash: inclusion.blockHash });
  if (uid === null)
    throw new ChainError({ code: "CHAIN_REJECTED", message: "The registration left no uid.", facts: { hotkey: request.hotkey } });
  return { ...inclusion, uid };
}
