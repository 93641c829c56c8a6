import { readFile, stat } from "node:fs/promises";
import { loadHotkey } from "@vision/chain";
import { VisionError } from "@vision/protocol";
import { createHotkeyFromMnemonic, createHotkeyFromSeed, createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import type { ValidatorConfig } from "./schema.js";

/**
 * The hotkey that the configuration names, ready to sign. An encrypted wallet file is opened with the password in btcli's variable
 * (`BT_PW_` and the path).
 *
 * @param environment - Where that variable is looked up.
 * @throws {@link VisionError} `SIGNING_INVALID_KEY` or `WALLET_*` when it cannot be read. The secret is in no message.
 */
export async function readHotkey(
  source: ValidatorConfig["hotkey"],
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<Hotkey> {
  await ready();
  if (source.mnemonicFile !== undefined) return createHotkeyFromMnemonic(await readSecret(source.mnemonicFile));
  if (source.seedFile !== undefined) return createHotkeyFromSeed(parseSeed(await readSecret(source.seedFile), source.seedFile));
  if (source.uri !== undefined) return createHotkeyFromUri(source.uri);
  return loadHotkey({
    wallet: source.wallet ?? "default",
    hotkey: source.walletHotkey,
    env: environment,
    ...(source.walletsPath === undefined ? {} : { walletsPath: source.walletsPath }),
  });
}

async function readSecret(path: string): Promise<string> {
  try {
    const { mode } = await stat(path);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new VisionError({
        code: "SIGNING_INVALID_KEY",
        message: `The key file ${path} can be read by other users of this machine.`,
        hint: `Run: chmod 600 ${path}`,
      });
    }
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (VisionError.isInstance(error)) throw error;
    throw new VisionError({
      code: "SIGNING_INVALID_KEY",
      message: `The key file ${path} cannot be read.`,
      hint: "Check the path and the permissions.",
      cause: error,
    });
  }
}

function parseSeed(text: string, path: string): Uint8Array {
  const hex = /^(?:0x)?([0-9a-f]{64})$/i.exec(text)?.[1];
  if (hex !== undefined) return Uint8Array.from(Buffer.from(hex, "hex"));
  throw new VisionError({
    code: "SIGNING_INVALID_KEY",
    message: `The seed file ${path} does not hold 64 hexadecimal digits.`,
    hint: "A seed has 32 bytes, written in hex with or without 0x.",
  });
}
