import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { verifySignature } from "@vision/signing";
import { z } from "zod";
import { readFixture } from "../../test/fixtures/read-fixture.js";
import { createColdkeyFile, createHotkeyFile, createKeypair } from "./create-wallet.js";
import { openNacl, sealNacl } from "./encryption/nacl.js";
import { readKeyfile, writeKeyfile } from "./keyfile.js";
import { formatKeyfileData, parseKeyfileData } from "./keyfile-data.js";
import { keypairFromMnemonic } from "./keypair.js";
import { loadHotkey, readColdkeyAddress } from "./load-key.js";
import { encodePasswordVariable, passwordVariableName, readPasswordVariable } from "./password-variable.js";
import { canonicalPrivateKey, expandPrivateKey } from "./private-key.js";

const fixture = readFixture(
  "wallet",
  z.object({
    mnemonic: z.string(),
    password: z.string(),
    ss58Address: z.string(),
    plain: z.string(),
    privateKeyOnly: z.string(),
    nulls: z.string(),
    naclBase64: z.string(),
    ansible: z.string(),
    fernet: z.string(),
    passwordVariable: z.object({ path: z.string(), name: z.string(), value: z.string() }),
  }),
);
const encode = (text: string) => new TextEncoder().encode(text);
const message = encode("a message");

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vision-wallet-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function fileWith(content: string | Uint8Array): Promise<string> {
  const path = join(folder, "key");
  await writeFile(path, content);
  return path;
}

describe("readKeyfile", () => {
  it.each([
    ["a plain file", fixture.plain],
    ["a file with a private key alone", fixture.privateKeyOnly],
    ["an old file with nulls", fixture.nulls],
  ])("reads %s of btwallet, and signs with it", async (_name, content) => {
    const { address, hotkey } = await readKeyfile(await fileWith(content));
    expect(address).toBe(fixture.ss58Address);
    expect(hotkey === null ? null : verifySignature({ message, signature: hotkey.sign(message), address })).toBe(true);
  });

  it("opens an ansible vault of btwallet", async () => {
    const path = await fileWith(fixture.ansible);
    expect((await readKeyfile(path, { password: fixture.password })).address).toBe(fixture.ss58Address);
    await expect(readKeyfile(path, { password: "wrong" })).rejects.toMatchObject({ code: "WALLET_PASSWORD" });
  });

  it("opens a NaCl file of btwallet with the password from btcli's variable", async () => {
    const path = await fileWith(Buffer.from(fixture.naclBase64, "base64"));
    const env = { [passwordVariableName(path)]: encodePasswordVariable(path, fixture.password) };
    expect((await readKeyfile(path, { env })).address).toBe(fixture.ss58Address);
  });

  it("opens a legacy Fernet file", async () => {
    const path = await fileWith(fixture.fernet);
    expect((await readKeyfile(path, { password: fixture.password })).address).toBe(fixture.ss58Address);
  });

  it("says which variable to set when the password is missing, and quotes nothing of a damaged file", async () => {
    const path = await fileWith(fixture.ansible);
    await expect(readKeyfile(path)).rejects.toMatchObject({
      code: "WALLET_PASSWORD",
      message: expect.stringContaining(passwordVariableName(path)),
    });
    const damaged = await fileWith(`{"secretPhrase":"${fixture.mnemonic} extra"}`);
    const error: unknown = await readKeyfile(damaged).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "WALLET_INVALID" });
    expect(inspect(error, { depth: 9 })).not.toContain("obey");
    await expect(readKeyfile(join(folder, "none"))).rejects.toMatchObject({ code: "WALLET_NOT_FOUND" });
  });

  it("passes over a seed that is no seed, and refuses a secret of another address", async () => {
    const file = z.record(z.string(), z.unknown()).parse(JSON.parse(fixture.privateKeyOnly));
    expect((await parseKeyfileData(encode(JSON.stringify({ ...file, secretSeed: "0x\u0011\u0011" })))).hotkey).not.toBeNull();
    const other = await createKeypair();
    await expect(parseKeyfileData(encode(JSON.stringify({ ...file, ss58Address: other.address, publicKey: null })))).rejects.toMatchObject({
      code: "WALLET_INVALID",
    });
  });
});

describe("files that btcli opens", () => {
  const file = z.record(z.string(), z.unknown()).parse(JSON.parse(fixture.plain));

  it.each([
    ["a kind of key as text", { ...file, cryptoType: "1" }],
    ["the kind's name", { ...file, cryptoType: "sr25519" }],
    ["spaces in the phrase", { ...file, secretPhrase: `  ${fixture.mnemonic.replaceAll(" ", "  ")}\n` }],
  ])("are opened with %s", async (_name, content) => {
    expect((await readKeyfile(await fileWith(JSON.stringify(content)))).address).toBe(fixture.ss58Address);
  });

  it("are named where they cannot be used: an ed25519 key tells its address and signs nothing", async () => {
    const address = "5DFJF7tY4bpbpcKPJcBTQaKuCDEPCpiz8TRjpmLeTtweqmXL";
    const path = await fileWith(JSON.stringify({ ...file, cryptoType: 0, ss58Address: address }));
    const error: unknown = await readKeyfile(path).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "WALLET_INVALID", message: expect.stringContaining("ed25519"), facts: { path } });
    expect(String(error)).toContain(path);
    expect((await readKeyfile(await fileWith(JSON.stringify({ cryptoType: 0, ss58Address: address })))).hotkey).toBeNull();
    const damaged = await readKeyfile(await fileWith('{"ss58Address":"nonsense"}')).catch((reason: unknown) => reason);
    expect(String(damaged)).toContain(path);
  });
});

describe("writeKeyfile", () => {
  it("writes the fields and the canonical private key of btwallet, mode 0600, and never replaces a file", async () => {
    const keypair = await keypairFromMnemonic(fixture.mnemonic);
    const path = join(folder, "wallet", "coldkey");
    await writeKeyfile(path, keypair);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const { cryptoType: _newField, ...theirs } = z.record(z.string(), z.unknown()).parse(JSON.parse(fixture.plain));
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(theirs);
    await expect(writeKeyfile(path, keypair)).rejects.toMatchObject({ code: "WALLET_INVALID" });
  });

  it("leaves neither a key file nor anything else behind when a write fails", async () => {
    const keypair = await keypairFromMnemonic(fixture.mnemonic);
    await writeFile(join(folder, "taken"), "");
    await expect(writeKeyfile(join(folder, "taken", "coldkey"), keypair)).rejects.toMatchObject({
      code: "WALLET_INVALID",
      message: expect.stringContaining(join(folder, "taken", "coldkey")),
    });
    await expect(writeKeyfile(join(folder, "taken"), keypair)).rejects.toMatchObject({ code: "WALLET_INVALID" });
    expect(await readdir(folder)).toEqual(["taken"]);
  });

  it("leaves no secret in a public file", async () => {
    const bytes = formatKeyfileData(await keypairFromMnemonic(fixture.mnemonic), true);
    expect(Object.keys(JSON.parse(new TextDecoder().decode(bytes)))).toEqual(["accountId", "publicKey", "ss58Address"]);
    expect((await parseKeyfileData(bytes)).hotkey).toBeNull();
  });

  it("seals and opens NaCl bytes with a derived key", () => {
    const key = new Uint8Array(32).fill(7);
    expect(openNacl(sealNacl(message, key), key)).toEqual(message);
    expect(() => openNacl(sealNacl(message, key), new Uint8Array(32))).toThrow(expect.objectContaining({ code: "WALLET_PASSWORD" }));
  });
});

describe("a keypair", () => {
  it("shows no secret when printed or serialised", async () => {
    const keypair = await keypairFromMnemonic(fixture.mnemonic);
    const secret = keypair.revealSecret?.();
    const printed = inspect(keypair, { depth: 9, showHidden: true }) + JSON.stringify(keypair);
    expect(printed).not.toContain("obey");
    expect(printed).not.toContain(secret?.seedHex?.slice(2) ?? "missing");
  });

  it("converts the private key between btcli's form and the signer's", () => {
    const canonical = Uint8Array.from({ length: 64 }, (_unused, index) => (index === 31 ? 0x0f : (index * 73 + 5) & 0xff));
    expect(canonicalPrivateKey(expandPrivateKey(canonical))).toEqual(canonical);
  });
});

describe("wallet files", () => {
  it("are found by wallet and hotkey name", async () => {
    const location = { walletsPath: folder, wallet: "w", hotkey: "h" };
    const hotkey = await createHotkeyFile(location);
    const coldkey = await createColdkeyFile(location, { password: null });
    expect((await loadHotkey(location)).address).toBe(hotkey.address);
    expect(await readColdkeyAddress(location)).toBe(coldkey.address);
    await expect(loadHotkey({ ...location, hotkey: "../coldkey" })).rejects.toMatchObject({ code: "WALLET_INVALID" });
  });
});

describe("password variable", () => {
  it("has btcli's name and value", () => {
    const { path, name, value } = fixture.passwordVariable;
    expect(passwordVariableName(path)).toBe(name);
    expect(encodePasswordVariable(path, fixture.password)).toBe(value);
    expect(readPasswordVariable(path, { [name]: value })).toBe(fixture.password);
    expect(readPasswordVariable(path, {})).toBeNull();
  });

  it("encodes with the bytes of a name beyond ASCII, as bittensor-wallet 4.1.1 does", () => {
    const password = "pässword-which-is-rather-long-and-covers-all-of-it-1";
    const path = "/tmp/b-w/x/é-日本/coldkey";
    const value = "Mpf7IyQoMCYpfSgqRDQ3dTawpF+H482D7oEzLCEraSorPW83MCYyLSx5LDwzb0IxcjEr7rg=";
    expect(passwordVariableName(path)).toBe("BT_PW__TMP_B-W_X_É-日本_COLDKEY");
    expect(encodePasswordVariable(path, password)).toBe(value);
    expect(readPasswordVariable(path, { [passwordVariableName(path)]: value })).toBe(password);
    expect(passwordVariableName("/tmp/straße/coldkey")).toBe("BT_PW__TMP_STRASSE_COLDKEY");
  });
});
