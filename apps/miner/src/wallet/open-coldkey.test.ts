import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createMemoryTerminal, sealAnsible } from "@vision/program/testing";
import { createColdkeyFile, encodePasswordVariable, type Keypair, passwordVariableName, walletPaths } from "@vision/sdk/chain";
import { openColdkey } from "./open-coldkey.js";

const wallet = { wallet: "mine", walletsPath: "" };
let coldkey: Keypair;
let path = "";

beforeAll(async () => {
  wallet.walletsPath = await mkdtemp(join(tmpdir(), "vision-miner-coldkey-"));
  coldkey = await createColdkeyFile(wallet, { password: null });
  path = walletPaths(wallet).coldkey;
  await writeFile(path, sealAnsible(await readFile(path), "open sesame"));
});
afterAll(() => rm(wallet.walletsPath, { recursive: true, force: true }));

const variable = (password: string) => ({ [passwordVariableName(path)]: encodePasswordVariable(path, password) });

describe("openColdkey", () => {
  it("takes the password from btcli's variable and asks nobody", async () => {
    const terminal = createMemoryTerminal();
    expect((await openColdkey(wallet, { terminal, environment: variable("open sesame") })).address).toBe(coldkey.address);
    expect(terminal.noted).toEqual([]);
  });

  it("asks at the terminal when the variable is not set", async () => {
    const terminal = createMemoryTerminal(["open sesame"]);
    expect((await openColdkey(wallet, { terminal, environment: {} })).address).toBe(coldkey.address);
    expect(terminal.noted).toEqual([`Password of ${path}: `]);
  });

  it("refuses a wrong password, and asks nobody where nobody is or the variable is wrong", async () => {
    const refused = { code: "WALLET_PASSWORD" };
    await expect(openColdkey(wallet, { terminal: createMemoryTerminal(["guess"]), environment: {} })).rejects.toMatchObject(refused);
    await expect(openColdkey(wallet, { terminal: createMemoryTerminal(), environment: {} })).rejects.toMatchObject(refused);
    const terminal = createMemoryTerminal(["open sesame"]);
    await expect(openColdkey(wallet, { terminal, environment: variable("guess") })).rejects.toMatchObject(refused);
    expect(terminal.noted).toEqual([]);
  });
});
