import { describe, expect, it } from "@jest/globals";
import { Metadata, TypeRegistry } from "@polkadot/types";
import { toHex } from "../scale/hex.js";
import { encodeMetadata, METADATA_VERSIONS } from "./encode-metadata.js";
import { declarePallets } from "./runtime.js";
import { version } from "./runtime-version.js";

describe.each(METADATA_VERSIONS)("metadata V%i", (metadataVersion) => {
  const bytes = encodeMetadata(metadataVersion, declarePallets(version, 12_000));

  it("loads in @polkadot/types with the chain's pallets and call indices", () => {
    const registry = new TypeRegistry();
    const metadata = new Metadata(registry, toHex(bytes) as `0x${string}`);
    registry.setMetadata(metadata);
    expect(metadata.version).toBe(metadataVersion);
    const pallets = metadata.asLatest.pallets.map((pallet) => [pallet.name.toString(), pallet.index.toNumber()]);
    expect(pallets).toContainEqual(["SubtensorModule", 7]);
    expect(pallets).toContainEqual(["Commitments", 18]);
    const call = registry.findMetaCall(Uint8Array.of(7, 118));
    expect(call.method).toBe("commitTimelockedMechanismWeights");
  });
});
