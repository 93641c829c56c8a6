import { blake2AsU8a } from "@polkadot/util-crypto";
import { z } from "zod";
import { version } from "../metadata/runtime-version.js";
import { ScaleError } from "../scale/bytes.js";
import { toHex } from "../scale/hex.js";
import type { StateReader } from "../storage/versioned-store.js";
import { blockOf } from "./block-lookup.js";
import { unsubscribe } from "./chain-methods.js";
import { RpcError, rpcCodes } from "./json-rpc.js";
import type { Method, MethodContext, Methods } from "./methods.js";
import { bytesParam, keyParam, parseParams } from "./params.js";

const MAX_PAGE = 1000;

function readerOf(context: MethodContext, params: readonly unknown[], index: number): StateReader {
  return context.node.chain.readerAt(blockOf(context, params, index).header.number);
}

function readHex(reader: StateReader, key: string): string | null {
  const value = reader.read(key);
  return value === null ? null : toHex(value);
}

const getStorage: Method = (params, context) => {
  const [key] = parseParams(params, keyParam);
  return readHex(readerOf(context, params, 1), key);
};

const getStorageHash: Method = (params, context) => {
  const [key] = parseParams(params, keyParam);
  const value = readerOf(context, params, 1).read(key);
  return value === null ? null : toHex(blake2AsU8a(value, 256));
};

const getStorageSize: Method = (params, context) => {
  const [key] = parseParams(params, keyParam);
  return readerOf(context, params, 1).read(key)?.length ?? null;
};

const queryStorageAt: Method = (params, context) => {
  const [keys] = parseParams(params, z.array(keyParam));
  const block = blockOf(context, params, 1);
  const reader = context.node.chain.readerAt(block.header.number);
  return [{ block: block.hash, changes: keys.map((key) => [`0x${key}`, readHex(reader, key)]) }];
};

function sortedKeys(reader: StateReader, prefix: string): readonly string[] {
  return [...reader.keys(prefix)].sort();
}

const getKeysPaged: Method = (params, context) => {
  const [prefix, count, start] = parseParams(params, keyParam, z.number().int().positive(), keyParam.nullish());
  if (count > MAX_PAGE) throw new RpcError(4002, "Client error", `Count exceeds the maximum of ${MAX_PAGE}`);
  const reader = readerOf(context, params, 3);
  const after = start ?? "";
  return sortedKeys(reader, prefix)
    .filter((key) => key > after)
    .slice(0, count)
    .map((key) => `0x${key}`);
};

const getKeys: Method = (params, context) => {
  const [prefix] = parseParams(params, keyParam);
  return sortedKeys(readerOf(context, params, 1), prefix).map((key) => `0x${key}`);
};

const getPairs: Method = (params, context) => {
  const [prefix] = parseParams(params, keyParam);
  const reader = readerOf(context, params, 1);
  return sortedKeys(reader, prefix).map((key) => [`0x${key}`, readHex(reader, key)]);
};

const call: Method = (params, context) => {
  const [name, input] = parseParams(params, z.string(), bytesParam);
  const block = blockOf(context, params, 2);
  try {
    const output = context.node.chain.call(name, input, block.header.number);
    if (output !== null) return toHex(output);
  } catch (error) {
    if (!(error instanceof ScaleError)) throw error;
    throw new RpcError(4003, "Client error", `Execution failed: the input of ${name} cannot be decoded`);
  }
  throw new RpcError(4003, "Client error", `Execution failed: Exported method ${name} is not found`);
};

const getMetadata: Method = (_params, { node }) => {
  const metadata = node.chain.metadata(14);
  if (metadata === null) throw new RpcError(rpcCodes.internal, "Internal error");
  return toHex(metadata);
};

const runtimeVersion = {
  specName: version.spec_name,
  implName: version.impl_name,
  authoringVersion: version.authoring_version,
  specVersion: version.spec_version,
  implVersion: version.impl_version,
  apis: version.apis.map(([id, apiVersion]) => [toHex(id), apiVersion]),
  transactionVersion: version.transaction_version,
  systemVersion: version.system_version,
  stateVersion: version.system_version,
};

const subscribeRuntimeVersion: Method = (_params, { connection }) =>
  connection.subscribe("state_runtimeVersion", (notify) => {
    notify(runtimeVersion);
    return () => undefined;
  });

const subscribeStorage: Method = (params, { node, connection }) => {
  const [keys] = parseParams(params, z.array(keyParam).nullish());
  const watched = new Set(keys ?? []);
  return connection.subscribe("state_storage", (notify) => {
    const reader = node.chain.readerAt(node.chain.head.header.number);
    notify({ block: node.chain.head.hash, changes: [...watched].map((key) => [`0x${key}`, readHex(reader, key)]) });
    return node.listen((event) => {
      if (event.kind === "dropped") return;
      const { block } = event;
      const changed = [...block.changes].filter(([key]) => watched.size === 0 || watched.has(key));
      if (changed.length === 0) return;
      notify({ block: block.hash, changes: changed.map(([key, value]) => [`0x${key}`, value === null ? null : toHex(value)]) });
    });
  });
};

/** Storage, metadata and runtime APIs. */
export const stateMethods: Methods = {
  state_getStorage: getStorage,
  state_getStorageAt: getStorage,
  state_getStorageHash: getStorageHash,
  state_getStorageHashAt: getStorageHash,
  state_getStorageSize: getStorageSize,
  state_getStorageSizeAt: getStorageSize,
  state_queryStorageAt: queryStorageAt,
  state_getKeysPaged: getKeysPaged,
  state_getKeysPagedAt: getKeysPaged,
  state_getKeys: getKeys,
  state_getPairs: getPairs,
  state_call: call,
  state_callAt: call,
  state_getMetadata: getMetadata,
  state_getRuntimeVersion: () => runtimeVersion,
  chain_getRuntimeVersion: () => runtimeVersion,
  state_subscribeRuntimeVersion: subscribeRuntimeVersion,
  chain_subscribeRuntimeVersion: subscribeRuntimeVersion,
  state_unsubscribeRuntimeVersion: unsubscribe,
  chain_unsubscribeRuntimeVersion: unsubscribe,
  state_subscribeStorage: subscribeStorage,
  state_unsubscribeStorage: unsubscribe,
};
