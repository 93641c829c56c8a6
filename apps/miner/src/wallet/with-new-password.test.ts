import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createColdkeyFile, encodePasswordVariable, passwordVariableName, walletPaths } from "@vision/sdk/chain";
import { createMemoryTerminal } from "../../test/support/memory-terminal.js";
import { withNewPassword } from "./with-new-password.js";

let walletsPath = "";
beforeAll(async () => {
  walletsPath = await mkdtemp(join(tmpdir(), "vision-miner-password-"));
  await createColdkeyFile({ walletsPath, wallet: "old" }, { password: null });
});
afterAll(() => rm(walletsPath, { recursive: true, force: true }));

const create = (wallet: string, answers: readonly string[], more: readonly string[] = []) =>
  withNewPassword(["new", "--wallet", wallet, "--wallets-path", walletsPath, ...more], { HOME: "/" }, createMemoryTerminal(answers));

describe("withNewPassword", () => {
  it("asks for a new coldkey's password, twice", async () => {
    const path = walletPaths({ walletsPath, wallet: "mine" }).coldkey;
    expect(await create("mine", ["open sesame", "open sesame"])).toEqual({
      HOME: "/",
      [passwordVariableName(path)]: encodePasswordVariable(path, "open sesame"),
    });
  });

  it("refuses an empty password and two that differ, and quotes neither", async () => {
    await expect(create("mine", [""])).rejects.toThrow("empty password");
    await expect(create("mine", ["one", "two"])).rejects.toThrow(/^The two passwords differ\. Nothing was written\.$/);
  });

  it("asks nobody when there is a coldkey, when none is to be encrypted, when the variable is set and when nobody is there", async () => {
    expect(await create("old", ["never used"])).toEqual({ HOME: "/" });
    expect(await create("mine", ["never used"], ["--no-password"])).toEqual({ HOME: "/" });
    expect(await create("mine", [])).toEqual({ HOME: "/" });
    const set = { [passwordVariableName(walletPaths({ walletsPath, wallet: "mine" }).coldkey)]: "x" };
    const rest = ["new", "--wallet", "mine", "--wallets-path", walletsPath];
    expect(await withNewPassword(rest, set, createMemoryTerminal(["never used"]))).toBe(set);
    expect(await withNewPassword(["list"], {}, createMemoryTerminal(["never used"]))).toEqual({});
  });
});
