import { randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isAnsibleKeyfile, openAnsible } from "./encryption/ansible.js";
import { isFernetKeyfile, openFernet } from "./encryption/fernet.js";
import { isNaclKeyfile, naclKeyOfPassword, openNacl, sealNacl } from "./encryption/nacl.js";
import { formatKeyfileData, parseKeyfileData } from "./keyfile-data.js";
import type { Keypair } from "./keypair.js";
import { type Environment, passwordVariableName, readPasswordVariable } from "./password-variable.js";
import { namingFile, walletError } from "./wallet-error.js";

/** How to open an encrypted key file. */
export type ReadKeyfileOptions = {
  /** Used before the environment variable. */
  readonly password?: string;
  /** Where `BT_PW_...` is looked up; nothing is when left out. */
  readonly env?: Environment;
  readonly signal?: AbortSignal;
};

/** How a key file is protected. */
export type KeyfileEncryption = "none" | "nacl" | "ansible" | "fernet";

/** The protection of a key file's bytes. */
export function keyfileEncryption(bytes: Uint8Array): KeyfileEncryption {
  if (isNaclKeyfile(bytes)) return "nacl";
  if (isAnsibleKeyfile(bytes)) return "ansible";
  return isFernetKeyfile(bytes) ? "fernet" : "none";
}

/**
 * The key in a file of btcli, encrypted or not.
 *
 * @throws {@link VisionError} `WALLET_NOT_FOUND`, `WALLET_INVALID`, or `WALLET_PASSWORD` when the password is missing or wrong.
 */
export async function readKeyfile(path: string, options: ReadKeyfileOptions = {}): Promise<Keypair> {
  const bytes = await readKeyfileBytes(path);
  const encryption = keyfileEncryption(bytes);
  if (encryption === "none") return namingFile(path, () => parseKeyfileData(bytes));
  const password = options.password ?? readPasswordVariable(path, options.env ?? {});
  if (password === null) {
    throw walletError("WALLET_PASSWORD", `The key file ${path} is encrypted and no password was given.`, {
      hint: `Set ${passwordVariableName(path)} as btcli does, or pass the password.`,
      path,
    });
  }
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  return namingFile(path, async () => parseKeyfileData(await openBytes(bytes, { encryption, password, ...signal })));
}

async function openBytes(
  bytes: Uint8Array,
  options: { readonly encryption: "nacl" | "ansible" | "fernet"; readonly password: string; readonly signal?: AbortSignal },
): Promise<Uint8Array> {
  switch (options.encryption) {
    case "nacl":
      return openNacl(bytes, await naclKeyOfPassword(options.password, options.signal));
    case "ansible":
      return openAnsible(bytes, options.password);
    case "fernet":
      return openFernet(bytes, options.password);
  }
}

/** The bytes of a key file. @throws {@link VisionError} `WALLET_NOT_FOUND` or `WALLET_INVALID`. */
export async function readKeyfileBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isCode(error, "ENOENT")) {
      throw walletError("WALLET_NOT_FOUND", `There is no key file ${path}.`, {
        hint: "Create one with `wallet new`, or copy it from btcli.",
        path,
      });
    }
    throw walletError("WALLET_INVALID", `The key file ${path} cannot be read.`, { hint: "Check its owner and mode.", path });
  }
}

/** How to write a key file. */
export type WriteKeyfileOptions = {
  /** Encrypts as `$NACL`; plain when left out. */
  readonly password?: string;
  /** The public half only. */
  readonly isPublicOnly?: boolean;
  /** Default false: an existing file is never replaced. */
  readonly shouldOverwrite?: boolean;
  readonly signal?: AbortSignal;
};

/**
 * Writes a key file that btcli reads, mode 0600, folders 0700. It appears whole or not at all, and it is read back and opened before this
 * resolves: a key whose file cannot be opened again is a key that nobody has.
 *
 * @throws {@link VisionError} `WALLET_INVALID` when the file exists already or cannot be written.
 */
export async function writeKeyfile(path: string, keypair: Keypair, options: WriteKeyfileOptions = {}): Promise<void> {
  const plain = formatKeyfileData(keypair, options.isPublicOnly ?? false);
  const key = options.password === undefined ? null : await naclKeyOfPassword(options.password, options.signal);
  const temporary = join(dirname(path), `${TEMPORARY_PREFIX}${basename(path)}.${randomUUID()}`);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(key === null ? plain : sealNacl(plain, key));
      await file.sync();
    } finally {
      await file.close();
    }
    if (options.shouldOverwrite === true) await rename(temporary, path);
    else await placeNew(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    if (isCode(error, "EEXIST")) {
      throw walletError("WALLET_INVALID", `The key file ${path} exists already and is not replaced.`, {
        hint: "Choose another name.",
        path,
      });
    }
    throw walletError(
      "WALLET_INVALID",
      `The key file ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
      {
        path,
      },
    );
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
  await namingFile(path, async () => {
    const bytes = await readKeyfileBytes(path);
    const { address } = await parseKeyfileData(key === null ? bytes : openNacl(bytes, key));
    if (address !== keypair.address) throw walletError("WALLET_INVALID", "The file that was written holds another key.");
  });
}

/** Names of files that a write leaves behind when it is killed; they are no keys. */
export const TEMPORARY_PREFIX = ".writing-";

/** Gives a finished file its name. Linking refuses where a file is; renaming, for file systems without links, would replace it. */
async function placeNew(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].some((code) => isCode(error, code))) throw error;
    await (await open(path, "wx", 0o600)).close();
    await rename(temporary, path);
  }
}

/** Without it a new name may be gone after a power cut although the file's content is not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === "object" && error !== null && (error as { readonly code?: unknown }).code === code;
}
