import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createHotkeyFile, encodePasswordVariable, type Keypair, passwordVariableName } from "@vision/sdk/chain";
import { sealAnsible } from "../../test/support/ansible-vault.js";
import { walletLocation } from "../wallet/wallet-location.js";
import { loadHotkey } from "./load-hotkey.js";

let folder = "";
let plain: Keypair;
let lockedPath = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vision-miner-hotkey-"));
  plain = await createHotkeyFile({ walletsPath: folder, wallet: "mine", hotkey: "plain" });
  lockedPath = join(folder, "mine", "hotkeys", "locked");
  await writeFile(lockedPath, sealAnsible(await readFile(join(folder, "mine", "hotkeys", "plain")), "open sesame"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const load = (walletHotkey: string, environment: Record<string, string> = {}, walletsPath = folder) =>
  loadHotkey({ wallet: "mine", walletHotkey, walletsPath }, { baseDirectory: folder, environment });

describe("loadHotkey", () => {
  it("reads a wallet's hotkey, also relative to the configuration's folder", async () => {
    expect((await load("plain")).address).toBe(plain.address);
    expect((await load("plain", {}, ".")).address).toBe(plain.address);
  });

  it("opens an encrypted hotkey with the password of btcli's variable", async () => {
    const environment = { [passwordVariableName(lockedPath)]: encodePasswordVariable(lockedPath, "open sesame") };
    expect((await load("locked", environment)).address).toBe(plain.address);
  });

  it("says which variable is missing, and never what is in a file or a password", async () => {
    await expect(load("locked")).rejects.toMatchObject({
      code: "WALLET_PASSWORD",
      message: expect.stringContaining(passwordVariableName(lockedPath)),
    });
    const environment = { [passwordVariableName(lockedPath)]: encodePasswordVariable(lockedPath, "guess") };
    const failure = await load("locked", environment).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "WALLET_PASSWORD" });
    expect(String(failure)).not.toContain("guess");
  });

  it("says which wallet does not exist or cannot be read", async () => {
    await expect(load("nowhere")).rejects.toMatchObject({ code: "WALLET_NOT_FOUND" });
    await writeFile(join(folder, "mine", "hotkeys", "broken"), "{ secret");
    const failure = await load("broken").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "WALLET_INVALID" });
    expect(String(failure)).not.toContain("secret");
  });
});

describe("walletLocation", () => {
  it("leaves the home folder's short form as it is, and counts other paths from the configuration's folder", () => {
    expect(walletLocation({ wallet: "mine", walletsPath: "~/keys" }, "/etc/vision")).toEqual({ wallet: "mine", walletsPath: "~/keys" });
    expect(walletLocation({ wallet: "mine", walletsPath: "keys" }, "/etc/vision")).toEqual({
      wallet: "mine",
      walletsPath: "/etc/vision/keys",
    });
    expect(walletLocation({ wallet: "mine", walletsPath: homedir() }, "/etc")).toEqual({ wallet: "mine", walletsPath: homedir() });
    expect(walletLocation({ seedFile: "seed" }, "/etc")).toBeNull();
  });
});
