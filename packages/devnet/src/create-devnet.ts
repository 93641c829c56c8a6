import { ready } from "@vision/signing";
import { type DevnetOptions, toGenesis } from "./devnet-options.js";
import { type Block, Chain } from "./node/chain.js";
import { DevNode } from "./node/dev-node.js";
import { StateDirectory } from "./node/state-directory.js";
import { serveRpc } from "./rpc/server.js";
import { genesisHeader, hashHeader } from "./runtime/execute-block.js";
import { buildGenesis } from "./runtime/genesis.js";
import { createDevelopmentBeacon } from "./runtime/timelock/beacon.js";

/** A running development node. */
export type Devnet = {
  /** WebSocket address, for clients. */
  readonly url: string;
  readonly port: number;
  /** The node in process: pool, clock, blocks. For tests. */
  readonly node: DevNode;
  /** The chain in process: blocks and typed storage. For tests. */
  readonly chain: Chain;
  /** Makes a block now, whatever the production. */
  produceBlock(): Block;
  /** Makes several. Returns the last. */
  produceBlocks(count: number): Block;
  close(): Promise<void>;
};

/** drand's quicknet. */
const defaultBeacon = { genesisTimeSeconds: 1_692_803_367, periodSeconds: 3 };

/**
 * Starts a development node in this process.
 *
 * @example
 * ```ts
 * const devnet = await createDevnet({ production: "manual" });
 * const api = await ApiPromise.create({ provider: new WsProvider(devnet.url) });
 * devnet.produceBlock();
 * await devnet.close();
 * ```
 * @throws VisionError `DEVNET_INVALID_STATE` for a damaged state directory, `SDK_PORT_IN_USE` for a taken port.
 */
export async function createDevnet(options: DevnetOptions = {}): Promise<Devnet> {
  await ready();
  const { host = "127.0.0.1", port = 0, production = "timer", blockTimeMs = 1000, now = Date.now, historyBlocks = 256 } = options;
  const directory = options.stateDirectory === undefined ? null : new StateDirectory(options.stateDirectory);
  const chain = openChain(options, { directory, blockTimeMs, historyBlocks, now });
  directory?.saveSnapshot(chain);
  const node = new DevNode(chain, production, now);
  if (directory !== null) {
    node.listen((event) => {
      if (event.kind === "block") directory.append(chain, event.block);
      if (event.kind === "storage") directory.saveSnapshot(chain);
    });
  }
  const server = await serveRpc({ node, host, port, chainName: options.chainName ?? "Vision devnet" });
  const timer = production === "timer" ? setInterval(() => node.produceBlock(), blockTimeMs) : null;
  return {
    url: `ws://${host}:${server.port}`,
    port: server.port,
    node,
    chain,
    produceBlock: () => node.produceBlock(),
    produceBlocks: (count) => {
      let block = chain.head;
      for (let made = 0; made < count; made += 1) block = node.produceBlock();
      return block;
    },
    close: async () => {
      if (timer !== null) clearInterval(timer);
      await server.close();
    },
  };
}

function openChain(
  options: DevnetOptions,
  resolved: {
    readonly directory: StateDirectory | null;
    readonly blockTimeMs: number;
    readonly historyBlocks: number;
    readonly now: () => number;
  },
): Chain {
  const { directory, blockTimeMs, historyBlocks, now } = resolved;
  const beacon = createDevelopmentBeacon(options.beacon ?? defaultBeacon);
  const saved = directory?.load() ?? null;
  if (saved !== null) {
    return new Chain({ beacon, genesisHash: saved.genesisHash, first: saved, blockTimeMs, historyBlocks });
  }
  const state = buildGenesis(toGenesis(options, options.genesisTimeMs ?? now()), beacon);
  const header = genesisHeader(state);
  return new Chain({ beacon, genesisHash: hashHeader(header), first: { header, state }, blockTimeMs, historyBlocks });
}
