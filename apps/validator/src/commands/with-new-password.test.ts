import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createColdkeyFile, encodePasswordVariable, passwordVariableName, walletPaths } from "@vision/chain";
import { withNewPassword } from "./with-new-password.js";

let walletsPath = "";
beforeAll(async () => {
  walletsPath = await mkdtemp(join(tmpdir(), "vision-password-"));
  await createColdkeyFile({ walletsPath, wallet: "old" }, { password: null });
});
afterAll(() => rm(walletsPath, { recursive: true, force: true }));

async function ask(argv: readonly string[], answers: readonly string[] | null, environment = {}) {
  const left = [...(answers ?? [])];
  let error = "";
  const result = await withNewPassword([...argv, "--wallets-path", walletsPath], {
    environment,
    writeOut: () => undefined,
    writeError: (text) => {
      error += text;
    },
    signal: new AbortController().signal,
    askSecret: answers === null ? null : async () => left.shift() ?? "",
  });
  return { result, error, asked: (answers ?? []).length - left.length };
}

describe("withNewPassword", () => {
  const name = () => passwordVariableName(walletPaths({ walletsPath, wallet: "mine" }).coldkey);

  it("asks twice for the password of a new coldkey", async () => {
    const path = walletPaths({ walletsPath, wallet: "mine" }).coldkey;
    expect(await ask(["new", "--wallet", "mine"], ["sesame", "sesame"])).toEqual({
      result: { [name()]: encodePasswordVariable(path, "sesame") },
      error: "",
      asked: 2,
    });
  });

  it("refuses an empty one and two that differ, and quotes neither", async () => {
    expect(await ask(["new", "--wallet", "mine"], [""])).toMatchObject({ result: null, error: expect.stringContaining("empty") });
    expect(await ask(["new", "--wallet", "mine"], ["one", "two"])).toEqual({
      result: null,
      error: "The two differ. Nothing was written.\n",
      asked: 2,
    });
  });

  it("asks for nothing where no coldkey is made, the variable is set, or nobody sits there", async () => {
    for (const argv of [["new", "--wallet", "old"], ["new", "--wallet", "mine", "--no-password"], ["list"]]) {
      expect({ argv, ...(await ask(argv, ["never"])) }).toEqual({ argv, result: {}, error: "", asked: 0 });
    }
    const environment = { [name()]: "x" };
    expect(await ask(["new", "--wallet", "mine"], ["never"], environment)).toMatchObject({ result: environment, asked: 0 });
    expect(await ask(["new", "--wallet", "mine"], null)).toMatchObject({ result: {}, asked: 0 });
  });
});
