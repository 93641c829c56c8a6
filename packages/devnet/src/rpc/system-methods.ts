import { decodeExtrinsic } from "../runtime/extrinsic.js";
import { feeOf } from "../runtime/fees.js";
import { ScaleError } from "../scale/bytes.js";
import { RpcError, rpcCodes } from "./json-rpc.js";
import type { Method, Methods } from "./methods.js";
import { accountParam, bytesParam, parseParams } from "./params.js";

const accountNextIndex: Method = (params, { node }) => {
  const [account] = parseParams(params, accountParam);
  return node.nextNonce(account);
};

function feeOfParams(params: readonly unknown[]): bigint {
  const [bytes] = parseParams(params, bytesParam);
  try {
    return feeOf(decodeExtrinsic(bytes).call, bytes.length);
  } catch (error) {
    if (!(error instanceof ScaleError)) throw error;
    throw new RpcError(rpcCodes.invalidParams, "Invalid params", error.message);
  }
}

const queryFeeDetails: Method = (params) => {
  const fee = feeOfParams(params);
  return { inclusionFee: fee === 0n ? null : { baseFee: `0x${fee.toString(16)}`, lenFee: "0x0", adjustedWeightFee: "0x0" } };
};

/** The node itself, nonces and fees. */
export const systemMethods: Methods = {
  system_chain: (_params, { chainName }) => chainName,
  system_name: () => "vision-devnet",
  system_version: () => "0.1.0",
  system_chainType: () => "Development",
  system_properties: () => ({ ss58Format: 42, tokenDecimals: 9, tokenSymbol: "TAO" }),
  system_health: () => ({ peers: 0, isSyncing: false, shouldHavePeers: false }),
  system_localPeerId: () => "vision-devnet",
  system_localListenAddresses: () => [],
  system_nodeRoles: () => ["Authority"],
  system_peers: () => [],
  system_syncState: (_params, { node }) => {
    const { number } = node.chain.head.header;
    return { startingBlock: 0, currentBlock: number, highestBlock: number };
  },
  system_accountNextIndex: accountNextIndex,
  account_nextIndex: accountNextIndex,
  payment_queryInfo: (params) => ({ weight: 0, class: "normal", partialFee: feeOfParams(params).toString() }),
  payment_queryFeeDetails: queryFeeDetails,
};
