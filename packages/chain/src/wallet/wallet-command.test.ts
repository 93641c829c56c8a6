import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { runWalletCommand } from "./wallet-command.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vision-wallet-"));
});
afterEach(() => rm(folder, { recursive: true }));

const run = (...argv: string[]) => runWalletCommand([...argv, "--wallets-path", folder], {});

describe("runWalletCommand", () => {
  it("creates a wallet, lists and shows it, without a secret", async () => {
    const created = await run("new", "--wallet", "dev", "--hotkey", "one", "--no-password");
    expect(created.exitCode).toBe(0);
    const file = JSON.parse(await readFile(join(folder, "dev", "hotkeys", "one"), "utf8"));
    const listed = await run("list");
    expect(listed.text).toContain(file.ss58Address);
    const shown = await run("show", "--wallet", "dev", "--hotkey", "one");
    for (const { text } of [created, listed, shown]) {
      expect(text).not.toContain(file.secretPhrase);
      expect(text).not.toContain(file.privateKey.slice(2));
    }
  });

  it("shows the secret only when asked to", async () => {
    await run("new", "--wallet", "dev", "--hotkey", "one", "--no-password");
    const file = JSON.parse(await readFile(join(folder, "dev", "hotkeys", "one"), "utf8"));
    expect((await run("show", "--wallet", "dev", "--hotkey", "one", "--show-secret")).text).toContain(file.secretPhrase);
  });

  it("adds a second hotkey under the same coldkey", async () => {
    await run("new", "--wallet", "dev", "--hotkey", "one", "--no-password");
    const second = await run("new", "--wallet", "dev", "--hotkey", "two");
    expect(second).toMatchObject({ exitCode: 0, text: expect.not.stringContaining("coldkey") });
  });

  it("refuses a coldkey without a password, a hotkey that exists and an unknown command", async () => {
    expect(await run("new", "--wallet", "dev")).toMatchObject({ exitCode: 1, text: expect.stringContaining("BT_PW_") });
    await run("new", "--wallet", "dev", "--hotkey", "one", "--no-password");
    expect(await run("new", "--wallet", "dev", "--hotkey", "one")).toMatchObject({ exitCode: 1 });
    expect(await run("frobnicate")).toMatchObject({ exitCode: 2 });
    expect(await run("list", "--nonsense")).toMatchObject({ exitCode: 2 });
    expect(await run("show", "--wallet", "none")).toMatchObject({ exitCode: 1 });
  });

  it("says so when there is no wallet", async () => {
    expect(await run("list")).toEqual({ exitCode: 0, text: "No wallets." });
  });
});
