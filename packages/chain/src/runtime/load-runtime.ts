import { z } from "zod";
import { ChainError } from "../errors/chain-error.js";
import { nodeErrorOf } from "../rpc/rpc-error.js";
import { createRuntime, type Runtime, type RuntimeVersion } from "./runtime.js";

/** Asks a node. */
export type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>;

const hexSchema = z.string().regex(/^0x([0-9a-f]{2})*$/i);
const versionSchema = z.object({ specName: z.string(), specVersion: z.number(), transactionVersion: z.number() });
/** Versions of the metadata format that can be decoded, best first. 15 and 16 hold the runtime APIs. */
const METADATA_VERSIONS = [16, 15];

/** Parses what `state_getRuntimeVersion` and its subscription return. */
export function parseRuntimeVersion(json: unknown): RuntimeVersion {
  return versionSchema.parse(json);
}

/** The runtime's version and the chain's genesis hash. */
export async function readRuntimeIdentity(ask: Ask): Promise<{ readonly version: RuntimeVersion; readonly genesisHash: string }> {
  const [genesisHash, version] = await Promise.all([ask("chain_getBlockHash", [0]), ask("state_getRuntimeVersion", [])]);
  return { genesisHash: hexSchema.parse(genesisHash), version: versionSchema.parse(version) };
}

/**
 * Reads the node's metadata, in the newest version that both sides know, and builds the runtime.
 *
 * @throws {@link ChainError} `CHAIN_UNSUPPORTED` when it cannot be decoded.
 */
export async function loadRuntime(ask: Ask): Promise<Runtime> {
  const identity = await readRuntimeIdentity(ask);
  const metadata = (await metadataByRuntimeApi(ask)) ?? hexSchema.parse(await ask("state_getMetadata", []));
  try {
    return createRuntime(metadata, identity);
  } catch (cause) {
    throw new ChainError({
      code: "CHAIN_UNSUPPORTED",
      message: "The runtime's metadata cannot be decoded.",
      facts: { ...identity.version },
      cause,
    });
  }
}

async function metadataByRuntimeApi(ask: Ask): Promise<string | null> {
  for (const version of METADATA_VERSIONS) {
    try {
      const argument = `0x${version.toString(16).padStart(2, "0")}000000`;
      const bytes = Buffer.from(hexSchema.parse(await ask("state_call", ["Metadata_metadata_at_version", argument])).slice(2), "hex");
      // Option<OpaqueMetadata>: 1, then a compact length, then the metadata, which begins with its magic number.
      const start = bytes.indexOf("meta");
      if (bytes[0] === 1 && start > 0 && start <= 6) return `0x${bytes.subarray(start).toString("hex")}`;
    } catch (error) {
      if (nodeErrorOf(error) === null) throw error;
    }
  }
  return null;
}
