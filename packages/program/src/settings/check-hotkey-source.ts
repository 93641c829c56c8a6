import { stat } from "node:fs/promises";
import { VisionError } from "@vision/protocol";
import { type HotkeySource, walletLocation } from "../wallet-location.js";
import type { SettingProblem } from "./describe-issue.js";
import { oneOf } from "./describe-issue.js";
import type { CheckedSettings } from "./load-settings.js";

const sources = [
  ["wallet", "name"],
  ["hotkey", "mnemonicFile"],
  ["hotkey", "seedFile"],
  ["hotkey", "uri"],
] as const;

/** Whether the settings name one hotkey, whose file is there. */
export async function checkHotkeySource({ seen, isGiven }: CheckedSettings<HotkeySource>): Promise<readonly SettingProblem[]> {
  const given = sources.filter((path) => isGiven(...path)).map((path) => path.join("."));
  const names = sources.map((path) => path.join("."));
  const problems: SettingProblem[] = [];
  if (given.length === 0) {
    const message = `is missing; give ${oneOf(names)}, such as { "wallet": { "name": "default" } }`;
    problems.push({ path: ["hotkey"], message, isMissing: true });
  }
  if (given.length > 1) problems.push({ path: ["hotkey"], message: `give one of ${given.join(" and ")}, not more` });
  if (!isGiven("wallet", "name")) {
    for (const name of ["hotkey", "path"]) {
      if (isGiven("wallet", name)) problems.push({ path: ["wallet", name], message: "says more about a wallet; give wallet.name too" });
    }
  }
  if (isGiven("hotkey", "uri") && seen.hotkey?.areDevKeysAllowed !== true) {
    const message = "is a development key that anybody can use; set hotkey.areDevKeysAllowed to true for development, else use a wallet";
    problems.push({ path: ["hotkey", "uri"], message });
  }
  return [...problems, ...(await findMissingKeyFiles(seen))];
}

async function findMissingKeyFiles({ wallet, hotkey = {} }: CheckedSettings<HotkeySource>["seen"]): Promise<readonly SettingProblem[]> {
  const files = (["mnemonicFile", "seedFile"] as const).flatMap((name) => {
    const file = hotkey[name];
    return file === undefined ? [] : [findMissingFile(["hotkey", name], file)];
  });
  return [...(await Promise.all(files)).flat(), ...(await findMissingWallet(wallet))];
}

async function findMissingWallet(wallet: CheckedSettings<HotkeySource>["seen"]["wallet"]): Promise<readonly SettingProblem[]> {
  const location = walletLocation({ wallet: { name: wallet?.name, hotkey: wallet?.hotkey, path: wallet?.path } });
  if (location === null) return [];
  // The wallet files need libraries that a program with another kind of key should not wait for.
  const { walletPaths } = await import("@vision/chain/wallet");
  try {
    return await findMissingFile(["wallet", "name"], walletPaths(location).hotkey);
  } catch (error) {
    if (!VisionError.isInstance(error)) throw error;
    return [{ path: ["wallet", "name"], message: error.message }];
  }
}

/** A problem when no file is at a path. */
export async function findMissingFile(path: readonly string[], file: string): Promise<readonly SettingProblem[]> {
  try {
    return (await stat(file)).isFile() ? [] : [{ path, message: `${file} is no file` }];
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code !== "ENOENT" && error.code !== "ENOTDIR";
    return [{ path, message: isThere ? `${file} cannot be looked at; check the permissions` : `there is no file ${file}` }];
  }
}
