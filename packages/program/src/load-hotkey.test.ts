import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createHotkeyFile, encodePasswordVariable, type Keypair, passwordVariableName } from "@vision/chain/wallet";
import { loadHotkey } from "./load-hotkey.js";
import { sealAnsible } from "./testing/ansible-vault.js";

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

const load = (walletHotkey: string, environment: Record<string, string> = {}) =>
  loadHotkey({ wallet: { name: "mine", hotkey: walletHotkey, path: folder } }, { environment });

describe("loadHotkey", () => {
  it("reads a wallet's hotkey", async () => {
    expect((await load("plain")).address).toBe(plain.address);
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

describe("loadHotkey from a file", () => {
  const load = (source: { readonly mnemonicFile?: string; readonly seedFile?: string }) =>
    loadHotkey({ hotkey: source }, { environment: {} });
  const address = "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV";

  it("reads a mnemonic or a seed from a private file", async () => {
    await writeFile(join(folder, "mnemonic"), "bottom drive obey lake curtain smoke basket hold race lonely fit  walk\n", { mode: 0o600 });
    await writeFile(join(folder, "seed"), "0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e", { mode: 0o600 });
    expect((await load({ mnemonicFile: join(folder, "mnemonic") })).address).toBe(address);
    expect((await load({ seedFile: join(folder, "seed") })).address).toBe(address);
  });

  it("refuses a file that others can read, one that is missing, and nonsense, without quoting it", async () => {
    await writeFile(join(folder, "open"), "x", { mode: 0o644 });
    await expect(load({ mnemonicFile: join(folder, "open") })).rejects.toMatchObject({
      code: "SIGNING_INVALID_KEY",
      hint: expect.stringContaining("chmod 600"),
    });
    await expect(load({ seedFile: join(folder, "none") })).rejects.toMatchObject({ code: "SIGNING_INVALID_KEY" });
    await writeFile(join(folder, "nonsense"), "hunter2", { mode: 0o600 });
    await expect(load({ seedFile: join(folder, "nonsense") })).rejects.toMatchObject({
      message: expect.not.stringContaining("hunter2"),
    });
  });
});
