import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** One installed package. `sizeBytes` is the sum of its own files. */
export type InstalledPackage = { readonly name: string; readonly license: string; readonly sizeBytes: number };

/** Every package in a `node_modules` folder, nested ones included. */
export async function measureInstall(nodeModules: string): Promise<readonly InstalledPackage[]> {
  const found: InstalledPackage[] = [];
  for (const entry of await readdir(nodeModules)) {
    if (entry.startsWith(".")) continue;
    const names = entry.startsWith("@") ? (await readdir(join(nodeModules, entry))).map((name) => join(entry, name)) : [entry];
    for (const name of names) found.push(...(await measurePackage(join(nodeModules, name))));
  }
  return found;
}

async function measurePackage(folder: string): Promise<readonly InstalledPackage[]> {
  const nested: InstalledPackage[] = [];
  let sizeBytes = 0;
  const visit = async (path: string): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const child = join(path, entry.name);
      if (entry.isDirectory() && entry.name === "node_modules") nested.push(...(await measureInstall(child)));
      else if (entry.isDirectory()) await visit(child);
      else sizeBytes += (await stat(child)).size;
    }
  };
  await visit(folder);
  const { name, license }: Readonly<Record<string, unknown>> = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return [{ name: String(name), license: JSON.stringify(license ?? "none"), sizeBytes }, ...nested];
}
