import { MAX_REORG_BLOCKS } from "./heads.js";

/** A node as a look at a fresh connection shows it. */
export type NodeSight = {
  readonly genesisHash: string;
  /** Hash of block 1; null while there is none. It differs when a development chain is started anew from the same genesis. */
  readonly firstBlockHash: string | null;
  readonly headNumber: number;
  /** True when this client was connected to this endpoint before. */
  readonly isKnownEndpoint: boolean;
};

/** The chain as this client knows it from earlier connections. */
export type KnownChain = {
  readonly genesisHash: string;
  readonly firstBlockHash: string | null;
  /** The newest block seen; null where none was, or so long ago that it says nothing any more. */
  readonly newestNumber: number | null;
};

/** What to do with a node: use it, use it and forget all that was known, or leave it. */
export type NodeVerdict = { readonly kind: "same" } | { readonly kind: "anew" } | { readonly kind: "refused"; readonly reason: string };

/**
 * Tells a chain that was started anew from a node that is far behind: the first has other blocks, the second has the same ones, only fewer.
 * An endpoint that was never connected to must be of the chain that is known, so that a mistyped list does not mix two networks.
 */
export function judgeNode(node: NodeSight, known: KnownChain | null): NodeVerdict {
  if (known === null) return { kind: "same" };
  const isSameGenesis = node.genesisHash === known.genesisHash;
  const isSameChain =
    isSameGenesis && (node.firstBlockHash === null || known.firstBlockHash === null || node.firstBlockHash === known.firstBlockHash);
  if (!isSameChain) {
    return node.isKnownEndpoint ? { kind: "anew" } : { kind: "refused", reason: "it is of another chain than the first one" };
  }
  if (known.newestNumber !== null && node.headNumber < known.newestNumber - MAX_REORG_BLOCKS) {
    return { kind: "refused", reason: `it is behind: its newest block is ${node.headNumber}, the chain's is ${known.newestNumber}` };
  }
  return { kind: "same" };
}
