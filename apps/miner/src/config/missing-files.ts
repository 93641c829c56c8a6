import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { walletLocation } from "@vision/program";
import { z } from "zod";
import type { CrossMistake } from "./cross-checks.js";

const optionalText = z.string().min(1).optional().catch(undefined);

/** Only what names files, whatever the rest looks like. */
const looseSchema = z
  .looseObject({
    hotkey: z
      .looseObject({
        mnemonicFile: optionalText,
        seedFile: optionalText,
        wallet: optionalText,
        walletHotkey: optionalText,
        walletsPath: optionalText,
      })
      .catch({}),
    backends: z.record(z.string(), z.unknown()).catch({}),
  })
  .catch({ hotkey: {}, backends: {} });

const looseBackendSchema = z
  .looseObject({ kind: z.string(), modelPath: optionalText, path: optionalText, inner: z.unknown().optional() })
  .catch({ kind: "" });

type NamedFile = { readonly path: string; readonly file: string };

/**
 * Files that a configuration names and that are not there: key, wallet, model, module. Looks at unchecked input, as the other checks do.
 *
 * @param baseDirectory - Folder that relative paths count from.
 */
export async function findMissingFiles(config: unknown, baseDirectory: string): Promise<readonly CrossMistake[]> {
  const { hotkey, backends } = looseSchema.parse(config);
  const { mnemonicFile, seedFile } = hotkey;
  const wallet = await walletFile(hotkey, baseDirectory);
  const named: readonly NamedFile[] = [
    ...(mnemonicFile === undefined ? [] : [{ path: "hotkey.mnemonicFile", file: mnemonicFile }]),
    ...(seedFile === undefined ? [] : [{ path: "hotkey.seedFile", file: seedFile }]),
    ...("file" in wallet ? [wallet] : []),
    ...Object.entries(backends).flatMap(([name, backend]) => backendFiles(`backends.${name}`, backend)),
  ];
  const found = await Promise.all(named.map(async ({ path, file }) => findMissing(path, resolve(baseDirectory, file))));
  return [...("message" in wallet ? [wallet] : []), ...found.flat()];
}

type Nothing = Readonly<Record<never, never>>;

async function walletFile(
  hotkey: z.infer<typeof looseSchema>["hotkey"],
  baseDirectory: string,
): Promise<NamedFile | CrossMistake | Nothing> {
  const location = walletLocation(hotkey, baseDirectory);
  if (location === null) return {};
  // The wallet files need libraries that a miner with another kind of key should not wait for.
  const [{ VisionError }, { walletPaths }] = await Promise.all([import("@vision/sdk"), import("@vision/sdk/chain")]);
  try {
    return { path: "hotkey.wallet", file: walletPaths(location).hotkey };
  } catch (error) {
    if (!VisionError.isInstance(error)) throw error;
    return { path: "hotkey.wallet", message: error.message };
  }
}

function backendFiles(path: string, backend: unknown): readonly NamedFile[] {
  const { kind, modelPath, path: modulePath, inner } = looseBackendSchema.parse(backend);
  if (kind === "llama-cpp") return modelPath === undefined ? [] : [{ path: `${path}.modelPath`, file: modelPath }];
  if (kind !== "module") return [];
  return [
    ...(modulePath === undefined ? [] : [{ path: `${path}.path`, file: modulePath }]),
    ...(inner === undefined ? [] : backendFiles(`${path}.inner`, inner)),
  ];
}

async function findMissing(path: string, file: string): Promise<readonly CrossMistake[]> {
  try {
    return (await stat(file)).isFile() ? [] : [{ path, message: `${file} is no file` }];
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code !== "ENOENT" && error.code !== "ENOTDIR";
    return [{ path, message: isThere ? `${file} cannot be looked at; check the permissions` : `there is no file ${file}` }];
  }
}
