import { z } from "zod";
import { ChainError } from "../errors/chain-error.js";
import type { ChainSigner, Inclusion, PublishEndpointRequest, Rao } from "../port.js";
import { axonMarks, encodeAxonAddress } from "../reads/endpoint-address.js";
import { encodeCommitmentField } from "../reads/read-commitments.js";
import { readStorage } from "../reads/reader.js";
import { integerSchema } from "../runtime/chain-json.js";
import { type Submission, submit } from "../submit/submit.js";
import type { Submitter } from "../submit/submitter.js";
import { SUBTENSOR } from "./call-context.js";

type Signal = AbortSignal | undefined;

/** `serve_axon`'s version field: this package's protocol number in Python's scheme, a·10^6 + b·10^3 + c. */
const AXON_VERSION = 1_000;

async function send(submitter: Submitter, submission: Submission): Promise<Inclusion> {
  const { events: _events, ...inclusion } = await submit(submitter, submission);
  return inclusion;
}

/** Publishes where a hotkey serves. The address is checked as the chain does before anything is sent. */
export async function publishEndpoint(submitter: Submitter, request: PublishEndpointRequest, signal: Signal): Promise<Inclusion> {
  const { ip, ipType } = encodeAxonAddress(request.host);
  if (!Number.isInteger(request.port) || request.port < 1 || request.port > 65_535) {
    throw new ChainError({ code: "CHAIN_REJECTED", message: `The port ${request.port} cannot be published.`, chainName: "InvalidPort" });
  }
  return send(submitter, {
    pallet: SUBTENSOR,
    name: "serve_axon",
    args: {
      netuid: request.netuid,
      version: AXON_VERSION,
      ip,
      port: request.port,
      ip_type: ipType,
      protocol: 4, // what Python's axon says for HTTP
      placeholder1: axonMarks[request.serves ?? "miner"],
      placeholder2: 0,
    },
    signer: request.signer,
    signal,
    retryAfterBlocks: async () => {
      const args = [request.netuid, request.signer.address];
      const [axon, limit, now] = await readStorage(
        submitter,
        [
          { pallet: SUBTENSOR, item: "Axons", args },
          { pallet: SUBTENSOR, item: "ServingRateLimit", args: [request.netuid] },
          { pallet: "System", item: "Number" },
        ],
        { signal },
      );
      const last = z.object({ block: integerSchema }).parse(axon).block;
      return Math.max(1, last + integerSchema.parse(limit) - integerSchema.parse(now));
    },
  });
}

/** Publishes bytes under a hotkey: at most 512. */
export async function setCommitment(
  submitter: Submitter,
  request: { readonly netuid: number; readonly bytes: Uint8Array; readonly signer: ChainSigner },
  signal: Signal,
): Promise<Inclusion> {
  const field = encodeCommitmentField(request.bytes);
  if (field === null) {
    throw new ChainError({
      code: "CHAIN_REJECTED",
      message: `A commitment holds at most 512 bytes, this one has ${request.bytes.length}.`,
      chainName: "SpaceLimitExceeded",
    });
  }
  const args = { netuid: request.netuid, info: { fields: [field] } };
  return send(submitter, { pallet: "Commitments", name: "set_commitment", args, signer: request.signer, signal });
}

/** Stakes TAO of the coldkey that signs on a hotkey. What is credited is alpha at the pool's price. */
export async function addStake(
  submitter: Submitter,
  request: { readonly netuid: number; readonly hotkey: string; readonly amountRao: Rao; readonly signer: ChainSigner },
  signal: Signal,
): Promise<Inclusion> {
  const args = { hotkey: request.hotkey, netuid: request.netuid, amount_staked: request.amountRao };
  return send(submitter, { pallet: SUBTENSOR, name: "add_stake", args, signer: request.signer, signal });
}

/** Registers a new subnet, owned by the coldkey that signs. */
export async function registerNetwork(
  submitter: Submitter,
  request: { readonly hotkey: string; readonly signer: ChainSigner },
  signal: Signal,
): Promise<Inclusion & { readonly netuid: number }> {
  const { events, ...inclusion } = await submit(submitter, {
    pallet: SUBTENSOR,
    name: "register_network",
    args: { hotkey: request.hotkey, mechid: 1 },
    signer: request.signer,
    signal,
  });
  const added = events.find((event) => event.name === "NetworkAdded");
  return { ...inclusion, netuid: integerSchema.parse(added?.data[0]) };
}

/** Starts a subnet: until then staking on it is refused. Signed by the owner. */
export async function startSubnet(
  submitter: Submitter,
  request: { readonly netuid: number; readonly signer: ChainSigner },
  signal: Signal,
): Promise<Inclusion> {
  return send(submitter, { pallet: SUBTENSOR, name: "start_call", args: { netuid: request.netuid }, signer: request.signer, signal });
}
