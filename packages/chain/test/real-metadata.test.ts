import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { createRuntime } from "../src/runtime/runtime.js";
import { signExtrinsic } from "../src/submit/sign-extrinsic.js";

/** Mainnet's metadata of spec 424 is test data beside the repository, not part of it. */
const path = fileURLToPath(new URL("../../../../shared/data/subtensor-424.scale", import.meta.url));
const address = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
const hash = `0x${"11".repeat(32)}`;
const subtensor = "SubtensorModule";
const vectors = { dests: [1, 2], weights: [3, 4], uids: [1], values: [2], salt: [3], version_key: 7n };

/** Every call of this package, with the bytes of mainnet's: pallet index, call index, arguments. */
const calls: readonly (readonly [name: string, args: Readonly<Record<string, unknown>>, hex: string, pallet?: string])[] = [
  ["set_weights", { netuid: 1, ...vectors }, "0700 0100 0801000200 0803000400 0700000000000000"],
  ["set_mechanism_weights", { netuid: 1, mecid: 2, ...vectors }, "0777 0100 02 0801000200 0803000400 0700000000000000"],
  ["commit_weights", { netuid: 1, commit_hash: hash }, `0760 0100 ${hash.slice(2)}`],
  ["commit_mechanism_weights", { netuid: 1, mecid: 2, commit_hash: hash }, `0773 0100 02 ${hash.slice(2)}`],
  ["reveal_weights", { netuid: 1, ...vectors }, "0761 0100 040100 040200 040300 0700000000000000"],
  ["reveal_mechanism_weights", { netuid: 1, mecid: 2, ...vectors }, "0774 0100 02 040100 040200 040300 0700000000000000"],
  [
    "commit_timelocked_weights",
    { netuid: 1, commit: "0xaabb", reveal_round: 9, commit_reveal_version: 4 },
    "0771 0100 08aabb 0900000000000000 0400",
  ],
  [
    "commit_timelocked_mechanism_weights",
    { netuid: 1, mecid: 2, commit: "0xaabb", reveal_round: 9, commit_reveal_version: 4 },
    "0776 0100 02 08aabb 0900000000000000 0400",
  ],
  ["batch_set_weights", { netuids: [1], weights: [[[5, 6]]], version_keys: [7n] }, "0750 0404 04041418 041c"],
  [
    "serve_axon",
    { netuid: 1, version: 1, ip: 0x7f000002n, port: 80, ip_type: 4, protocol: 4, placeholder1: 0, placeholder2: 0 },
    "0704 0100 01000000 0200007f000000000000000000000000 5000 04 04 00 00",
  ],
  [
    "register_limit",
    { netuid: 1, hotkey: address, limit_price: 5n },
    "0786 0100 d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d 0500000000000000",
  ],
  ["burned_register", { netuid: 1, hotkey: address }, "0707 0100 d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"],
  [
    "add_stake",
    { hotkey: address, netuid: 1, amount_staked: 5n },
    "0702 d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d 0100 0500000000000000",
  ],
  ["set_commitment", { netuid: 1, info: { fields: [{ Raw2: "0x6869" }] } }, "1200 0100 04 03 6869", "Commitments"],
];
const storage: readonly (readonly [item: string, args: readonly unknown[], pallet?: string])[] = [
  ...["NetworksAdded", "SubnetworkN", "Tempo", "SubnetOwnerHotkey", "Active", "ValidatorPermit", "LastUpdate", "Emission", "Dividends"].map(
    (item) => [item, [1]] as const,
  ),
  ...["Incentive", "WeightsVersionKey", "WeightsSetRateLimit", "MinAllowedWeights", "CommitRevealWeightsEnabled", "RevealPeriodEpochs"].map(
    (item) => [item, [1]] as const,
  ),
  ...["ServingRateLimit", "ImmunityPeriod", "MaxAllowedUids", "Burn", "LastEpochBlock", "PendingEpochAt"].map(
    (item) => [item, [1]] as const,
  ),
  ...["StakeThreshold", "CommitRevealWeightsVersion"].map((item) => [item, []] as const),
  ...["Keys", "BlockAtRegistration", "Weights"].map((item) => [item, [1, 2]] as const),
  ...["Uids", "Axons"].map((item) => [item, [1, address]] as const),
  ["Owner", [address]],
  ["TotalHotkeyAlpha", [address, 1]],
  ["CommitmentOf", [1, address], "Commitments"],
  ["LastStoredRound", [], "Drand"],
  ["BeaconConfig", [], "Drand"],
  ["Account", [address], "System"],
  ["Number", [], "System"],
  ["Events", [], "System"],
  ["Now", [], "Timestamp"],
];
const apis: readonly (readonly [api: string, method: string, args: readonly unknown[]])[] = [
  ["SubnetInfoRuntimeApi", "get_selective_metagraph", [1, [52]]],
  ["SubnetInfoRuntimeApi", "get_metagraph", [1]],
  ["SubnetInfoRuntimeApi", "get_next_epoch_start_block", [1]],
  ["SubnetRegistrationRuntimeApi", "get_network_registration_cost", []],
  ["StakeInfoRuntimeApi", "get_stake_info_for_hotkey_coldkey_netuid", [address, address, 1]],
];

if (!existsSync(path)) {
  it.skip("mainnet's metadata: skipped, shared/data/subtensor-424.scale is not beside the repository", () => undefined);
} else {
  describe("against mainnet's metadata, spec 424", () => {
    const runtime = createRuntime(`0x${readFileSync(path).toString("hex")}`, {
      version: { specName: "node-subtensor", specVersion: 424, transactionVersion: 1 },
      genesisHash: hash,
    });

    it.each(calls)("encodes %s as mainnet takes it", (name, args, hex, pallet = subtensor) => {
      expect(Buffer.from(runtime.call(pallet, name, args) ?? []).toString("hex")).toBe(hex.replaceAll(" ", ""));
    });

    it.each(storage)("finds storage %s", (item, args, pallet = subtensor) => {
      expect(runtime.storage(pallet, item)?.key(args)).toMatch(/^0x[0-9a-f]{64,}$/);
    });

    it.each(apis)("finds %s.%s", (api, method, args) => {
      expect(runtime.api(api, method)?.encode(args)).toMatch(/^0x/);
    });

    it("says that calls of other runtimes are absent", () => {
      expect(runtime.call(subtensor, "commit_crv3_weights", {})).toBeNull();
    });

    it("signs with all extensions of mainnet, unknown ones included, without a word on the console", async () => {
      await ready();
      const call = runtime.call(subtensor, "burned_register", { netuid: 1, hotkey: address }) ?? new Uint8Array();
      const signed = await signExtrinsic(runtime, call, {
        nonce: 3,
        eraBlock: { number: 1000, hash },
        signer: createHotkeyFromUri("//Alice"),
      });
      const decoded: unknown = JSON.parse(JSON.stringify(runtime.registry.createTypeUnsafe("Extrinsic", [signed.hex]).toHuman()));
      expect(decoded).toMatchObject({ isSigned: true, nonce: "3", signer: { Id: address }, method: { method: "burnedRegister" } });
    });

    it("names errors of the pallet", () => {
      const names = Array.from({ length: 200 }, (_unused, index) => runtime.errorName(7, index)?.name);
      for (const name of ["SettingWeightsTooFast", "NeuronNoValidatorPermit", "RegistrationPriceLimitExceeded"])
        expect(names).toContain(name);
    });
  });
}
