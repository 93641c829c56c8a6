import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { encodePasswordVariable, passwordVariableName } from "./password-variable.js";
import { runWalletCommand } from "./wallet-command.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vision-wallet-"));
});
afterEach(() => rm(folder, { recursive: true }));

const run = (...argv: string[]) => runWalletCommand([...argv, "--wallet-path", folder], { env: {} });

describe("runWalletCommand", () => {
  it("creates a wallet, lists and shows it, without a secret", async () => {
    const created = await run("new", "--wallet-name", "dev", "--wallet-hotkey", "one", "--no-password");
    expect(created.exitCode).toBe(0);
    const file = JSON.parse(await readFile(join(folder, "dev", "hotkeys", "one"), "utf8"));
    const listed = await run("list");
    expect(listed.text).toContain(file.ss58Address);
    const shown = await run("show", "--wallet-name", "dev", "--wallet-hotkey", "one");
    for (const { text } of [created, listed, shown]) {
      expect(text).not.toContain(file.secretPhrase);
      expect(text).not.toContain(file.privateKey.slice(2));
    }
  });

  it("shows the secret only when asked to", async () => {
    await run("new", "--wallet-name", "dev", "--wallet-hotkey", "one", "--no-password");
    const file = JSON.parse(await readFile(join(folder, "dev", "hotkeys", "one"), "utf8"));
    expect((await run("show", "--wallet-name", "dev", "--wallet-hotkey", "one", "--show-secret")).text).toContain(file.secretPhrase);
  });

  it("adds a second hotkey under the same coldkey", async () => {
    await run("new", "--wallet-name", "dev", "--wallet-hotkey", "one", "--no-password");
    const second = await run("new", "--wallet-name", "dev", "--wallet-hotkey", "two");
    expect(second).toMatchObject({ exitCode: 0, text: expect.not.stringContaining("coldkey") });
  });

  it("refuses a coldkey without a password, a hotkey that exists and an unknown command", async () => {
    expect(await run("new", "--wallet-name", "dev")).toMatchObject({ exitCode: 1, text: expect.stringContaining("BT_PW_") });
    await run("new", "--wallet-name", "dev", "--wallet-hotkey", "one", "--no-password");
    expect(await run("new", "--wallet-name", "dev", "--wallet-hotkey", "one")).toMatchObject({ exitCode: 1 });
    expect(await run("frobnicate")).toMatchObject({ exitCode: 2 });
    expect(await run("list", "--nonsense")).toMatchObject({ exitCode: 2 });
    expect(await run("show", "--wallet-name", "none")).toMatchObject({ exitCode: 1 });
  });

  it("says so when there is no wallet", async () => {
    expect(await run("list")).toEqual({ exitCode: 0, text: "No wallets.", warnings: [] });
  });

  it("takes the flags' former names, with a warning that names the new ones", async () => {
    const argv = ["new", "--wallet", "dev", "--hotkey", "one", "--wallets-path", folder, "--no-password"];
    const made = await runWalletCommand(argv, { env: {} });
    expect(made).toMatchObject({ exitCode: 0, text: expect.stringContaining(join(folder, "dev", "hotkeys", "one")) });
    expect(made.warnings.map((warning) => warning.replace(/;.*/, ""))).toEqual([
      "--wallet is called --wallet-name now",
      "--hotkey is called --wallet-hotkey now",
      "--wallets-path is called --wallet-path now",
    ]);
  });

  it("never takes a coldkey that broke off for a wallet", async () => {
    await mkdir(join(folder, "dev"));
    for (const [content, word] of [
      ["", "is empty"],
      ["{}", "holds no key"],
      ["$NACL", "holds no key"],
    ] as const) {
      await writeFile(join(folder, "dev", "coldkey"), content);
      const made = await run("new", "--wallet-name", "dev", "--no-password");
      expect([content, made]).toMatchObject([
        content,
        { exitCode: 1, text: expect.stringContaining(`${join(folder, "dev", "coldkey")} ${word}`) },
      ]);
    }
    expect(await readdir(join(folder, "dev"))).toEqual(["coldkey"]);
  });

  it("lists files as what they are, and wallets behind symbolic links", async () => {
    await run("new", "--wallet-name", "dev", "--wallet-hotkey", "one", "--no-password");
    const hotkeys = join(folder, "dev", "hotkeys");
    await writeFile(join(hotkeys, "cut"), "");
    await writeFile(join(hotkeys, "garbage"), "{ secret");
    await writeFile(
      join(hotkeys, "edwards"),
      '{"cryptoType":0,"ss58Address":"5DFJF7tY4bpbpcKPJcBTQaKuCDEPCpiz8TRjpmLeTtweqmXL","secretSeed":"0x"}',
    );
    await writeFile(join(hotkeys, "vault"), `$NACL${"x".repeat(200)}`);
    await symlink(join(folder, "nowhere"), join(hotkeys, "lost"));
    await mkdir(join(folder, "odd", "coldkey"), { recursive: true });
    await rename(join(folder, "dev"), join(folder, "elsewhere"));
    await symlink(join(folder, "elsewhere"), join(folder, "linked"));
    const { text } = await run("list");
    const lineOf = (name: string) =>
      text
        .split("\n")
        .filter((line) => line.startsWith(name))
        .join();
    for (const [name, state] of [
      ["  one", "not encrypted"],
      ["  cut", "EMPTY"],
      ["  garbage", "BROKEN"],
      ["  edwards", "ed25519"],
      ["  vault", "encrypted (NaCl)"],
      ["  lost", "missing"],
      ["odd", "UNREADABLE"],
      ["linked", "not encrypted"],
    ] as const) {
      expect([name, lineOf(name)]).toEqual([name, expect.stringContaining(state)]);
    }
    expect(text).not.toContain("secret");
  });

  it("makes the password variable from a file or the terminal, and refuses an empty or odd file", async () => {
    const path = join(folder, "dev", "coldkey");
    const file = join(folder, "password");
    const line = `${passwordVariableName(path)}=${encodePasswordVariable(path, "open sésame")}`;
    await writeFile(file, "open sésame\n");
    expect(await run("password-variable", "--wallet-name", "dev", "--password-file", file)).toMatchObject({ exitCode: 0, text: line });
    const asked = await runWalletCommand(["password-variable", "--wallet-name", "dev", "--wallet-path", folder], {
      env: {},
      askSecret: async () => "open sésame",
    });
    expect(asked).toMatchObject({ exitCode: 0, text: line });
    for (const content of ["", "\n", "two\nlines", Uint8Array.of(0xff, 0x61)]) {
      await writeFile(file, content);
      const refused = await run("new", "--wallet-name", "dev", "--password-file", file);
      expect([content, refused]).toMatchObject([content, { exitCode: 1, text: expect.stringContaining(file) }]);
    }
  });

  it("gives a new coldkey no password that nobody knows", async () => {
    const path = join(folder, "dev", "coldkey");
    for (const value of ["", "hunter2!", "plain password", Buffer.from([0xff, 0xfe, 0xfd]).toString("base64"), "YQ"]) {
      const made = await runWalletCommand(["new", "--wallet-name", "dev", "--wallet-path", folder], {
        env: { [passwordVariableName(path)]: value },
      });
      expect([value, made]).toMatchObject([
        value,
        { exitCode: 1, text: expect.stringContaining("base64(password XOR name of the variable)") },
      ]);
      if (value !== "") expect(made.text).not.toContain(value);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it("asks twice for a new coldkey's password and refuses an empty one and two that differ", async () => {
    const answers = (...texts: readonly string[]) => {
      const left = [...texts];
      return { env: {}, askSecret: async () => left.shift() ?? "" };
    };
    const argv = ["new", "--wallet-name", "dev", "--wallet-path", folder];
    expect(await runWalletCommand(argv, answers(""))).toMatchObject({ exitCode: 1, text: expect.stringContaining("empty password") });
    expect(await runWalletCommand(argv, answers("one", "two"))).toMatchObject({ exitCode: 1, text: expect.stringContaining("differ") });
  });
});
