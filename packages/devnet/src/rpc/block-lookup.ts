import type { Header } from "../metadata/types/common.js";
import type { Block } from "../node/chain.js";
import { RpcError } from "./json-rpc.js";
import type { MethodContext } from "./methods.js";
import { blockParam, parseParams } from "./params.js";

/** The block that the parameter at an index names, the newest without one. */
export function blockOf({ node }: MethodContext, params: readonly unknown[], index: number): Block {
  const [hash] = parseParams(params.slice(index), blockParam);
  if (hash === null) return node.chain.head;
  const block = node.chain.blockByHash(hash);
  if (block === null) throw new RpcError(4003, "Client error", `UnknownBlock: ${hash}`);
  return block;
}

/** A header as RPC shows it. */
export function headerToJson(header: Header): unknown {
  return {
    parentHash: header.parent_hash,
    number: `0x${header.number.toString(16)}`,
    stateRoot: header.state_root,
    extrinsicsRoot: header.extrinsics_root,
    digest: { logs: [] },
  };
}
