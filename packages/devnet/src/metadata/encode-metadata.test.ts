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
    const aura = metadata.asLatest.pallets.find(({ name }) => name.toString() === "Aura");
    expect(aura?.constants.map(({ name, value }) => [name.toString(), value.toHex()])).toEqual([["SlotDuration", "0xe02e000000000000"]]);
    const call = registry.findMetaCall(Uint8Array.of(7, 118));
    expect(call.method).toBe("commitTimelockedMechanismWeights");
  });

  it("names the types of fields and explains errors, without which Python's client cannot decode extrinsics or name failures", () => {
    const metadata = new Metadata(new TypeRegistry(), toHex(bytes) as `0x${string}`).asLatest;
    const fields = metadata.lookup.types.flatMap(({ type: { def } }) => {
      if (def.isComposite) return [...def.asComposite.fields];
      return def.isVariant ? def.asVariant.variants.flatMap((each) => [...each.fields]) : [];
    });
    expect(fields.length).toBeGreaterThan(500);
    expect(fields.filter(({ typeName }) => typeName.isNone || typeName.unwrap().toString() === "")).toEqual([]);
    const errors = metadata.pallets.flatMap(({ errors: each }) =>
      each.isSome ? [...metadata.lookup.getSiType(each.unwrap().type).def.asVariant.variants] : [],
    );
    expect(errors.filter(({ docs }) => docs.length === 0)).toEqual([]);
    const permit = errors.find(({ name }) => name.toString() === "NeuronNoValidatorPermit");
    expect(permit?.docs.map(String)).toEqual(["Neuron no validator permit."]);
  });
});
