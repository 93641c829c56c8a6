import { z } from "zod";
import { fromHex } from "../scale/hex.js";
import type { Method, Methods } from "./methods.js";
import { blockNumberParam, hexParam, keyParam, parseParams } from "./params.js";

const MAX_BLOCKS = 10_000;
const count = z.number().int().min(1).max(MAX_BLOCKS);
const storageItems = z.array(z.tuple([keyParam, hexParam.nullable()]));

const newBlocks: Method = (params, { node }) => {
  const [blocks] = parseParams(params, count.nullish());
  let hash = node.chain.head.hash;
  for (let made = 0; made < (blocks ?? 1); made += 1) hash = node.produceBlock().hash;
  return hash;
};

const setStorage: Method = (params, { node }) => {
  const [items] = parseParams(params, storageItems);
  node.setStorage(new Map(items.map(([key, value]) => [key, value === null ? null : fromHex(value)])));
  return node.chain.head.hash;
};

const reorg: Method = (params, { node }) => {
  const [blocks] = parseParams(params, count);
  return node.reorganise(blocks).map(({ hash }) => hash);
};

/** What no real chain allows: time, storage and failures on demand. */
export const devMethods: Methods = {
  dev_newBlock: newBlocks,
  dev_newBlocks: newBlocks,
  dev_setStorage: setStorage,
  dev_timeTravel: (params, { node }) => {
    const [milliseconds] = parseParams(params, blockNumberParam);
    node.timeTravel(milliseconds);
    return node.chain.timeMs + milliseconds;
  },
  dev_forceDisconnect: (_params, { disconnectAll }) => {
    setImmediate(disconnectAll);
    return null;
  },
  dev_reorg: reorg,
  dev_failNextSubmissions: (params, { node }) => {
    const [submissions] = parseParams(params, z.number().int().nonnegative());
    node.failNextSubmissions(submissions);
    return null;
  },
};
