import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The version of the package that a module belongs to: the one in the nearest package.json above it. */
export function programVersion(moduleUrl: string): string {
  for (let folder = new URL(".", moduleUrl); ; folder = new URL("..", folder)) {
    try {
      const { version } = JSON.parse(readFileSync(fileURLToPath(new URL("package.json", folder)), "utf8"));
      if (typeof version === "string") return version;
    } catch {
      if (folder.pathname === new URL("..", folder).pathname) return "unknown";
    }
  }
}
