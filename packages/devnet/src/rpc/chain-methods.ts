import { z } from "zod";
import { toHex } from "../scale/hex.js";
import { blockOf, headerToJson } from "./block-lookup.js";
import type { Method, Methods } from "./methods.js";
import { blockNumberParam, blockParam, parseParams } from "./params.js";

const numbers = z.union([blockNumberParam, z.array(blockNumberParam)]).nullish();

const getBlockHash: Method = (params, { node }) => {
  const [asked] = parseParams(params, numbers);
  if (asked === null || asked === undefined) return node.chain.head.hash;
  const hashOf = (number: number): string | null => (number > node.chain.head.header.number ? null : node.chain.hashAt(number));
  return Array.isArray(asked) ? asked.map(hashOf) : hashOf(asked);
};

/** Subscriptions to heads differ by name only: every block is the best and final at once. */
function subscribeHeads(notification: string): Method {
  return (_params, { node, connection }) =>
    connection.subscribe(notification, (notify) => {
      notify(headerToJson(node.chain.head.header));
      return node.listen((event) => {
        if (event.kind === "block") notify(headerToJson(event.block.header));
      });
    });
}

/** Ends a subscription of whatever kind. */
export const unsubscribe: Method = (params, { connection }) => {
  const [subscription] = parseParams(params, z.string());
  return connection.unsubscribe(subscription);
};

const getBlock: Method = (params, context) => {
  const [hash] = parseParams(params, blockParam);
  if (hash !== null && context.node.chain.blockByHash(hash) === null) return null;
  const block = blockOf(context, params, 0);
  return {
    block: { header: headerToJson(block.header), extrinsics: block.extrinsics.map(({ bytes }) => toHex(bytes)) },
    justifications: null,
  };
};

const getHeader: Method = (params, context) => {
  const [hash] = parseParams(params, blockParam);
  if (hash !== null && context.node.chain.blockByHash(hash) === null) return null;
  return headerToJson(blockOf(context, params, 0).header);
};

/** Blocks and heads. */
export const chainMethods: Methods = {
  chain_getBlockHash: getBlockHash,
  chain_getHead: getBlockHash,
  chain_getFinalizedHead: (_params, { node }) => node.chain.head.hash,
  chain_getFinalisedHead: (_params, { node }) => node.chain.head.hash,
  chain_getHeader: getHeader,
  chain_getBlock: getBlock,
  chain_subscribeNewHead: subscribeHeads("chain_newHead"),
  chain_subscribeNewHeads: subscribeHeads("chain_newHead"),
  subscribe_newHead: subscribeHeads("chain_newHead"),
  chain_subscribeFinalizedHeads: subscribeHeads("chain_finalizedHead"),
  chain_subscribeFinalisedHeads: subscribeHeads("chain_finalizedHead"),
  chain_subscribeAllHeads: subscribeHeads("chain_allHead"),
  chain_unsubscribeNewHead: unsubscribe,
  chain_unsubscribeNewHeads: unsubscribe,
  chain_unsubscribeFinalizedHeads: unsubscribe,
  chain_unsubscribeFinalisedHeads: unsubscribe,
  chain_unsubscribeAllHeads: unsubscribe,
};
