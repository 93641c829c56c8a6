import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { z } from "zod";
import { mapSettings } from "./map-settings.js";

/**
 * A value with every relative path in it made absolute. A leading `~` is the home folder.
 *
 * @param folder - Where relative paths count from.
 */
export function resolvePaths(schema: z.core.$ZodType, value: unknown, folder: string): unknown {
  return mapSettings(schema, value, {
    isMeant: ({ isPath }) => isPath === true,
    change: (path) => (typeof path === "string" && path !== "" ? resolvePath(path, folder) : path),
  });
}

function resolvePath(path: string, folder: string): string {
  return /^~(\/|$)/.test(path) ? join(homedir(), path.slice(1)) : resolve(folder, path);
}
