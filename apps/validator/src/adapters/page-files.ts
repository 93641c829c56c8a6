import { readdir, readFile } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { PageFiles } from "../ports/index.js";

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Far above what the page is; a folder that holds anything else is not it. */
const MAX_FILES = 200;
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** The folder of the built page beside the built program. */
const bundledPage = new URL("./page/", import.meta.url);

/**
 * The files of the built page, by path as `assets/name.js`. Empty where there is no such folder, as when the program runs from its sources.
 *
 * @throws {@link Error} if the folder holds more than a page does.
 */
export async function readPageFiles(folder: URL = bundledPage): Promise<PageFiles> {
  const root = fileURLToPath(folder);
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() && contentTypes[extname(entry.name)] !== undefined);
  if (files.length > MAX_FILES) throw new Error(`${root} holds ${files.length} files; a page has no more than ${MAX_FILES}.`);
  return new Map(
    await Promise.all(
      files.map(async ({ name, parentPath }) => {
        const path = join(parentPath, name);
        const bytes = await readFile(path);
        if (bytes.length > MAX_FILE_BYTES)
          throw new Error(`${path} has ${bytes.length} bytes; a file of the page has no more than ${MAX_FILE_BYTES}.`);
        const contentType = contentTypes[extname(name)] ?? "application/octet-stream";
        return [path.slice(root.length).replaceAll(sep, "/"), { bytes, contentType }] as const;
      }),
    ),
  );
}
