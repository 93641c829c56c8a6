import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A wall clock that can be set for programs that are started with its environment, and whatever they start; the monotonic one stays. */
export type SettableClock = {
  readonly environment: Readonly<Record<string, string>>;
  /** Sets it that far off the machine's own, at once. */
  set(offsetMs: number): Promise<void>;
};

// Debian's, by architecture, then what others use.
const folders = [
  ...(existsSync("/usr/lib") ? readdirSync("/usr/lib").filter((name) => name.includes("-linux-")) : []).map(
    (name) => `/usr/lib/${name}/faketime`,
  ),
  "/usr/lib/faketime",
  "/usr/lib64/faketime",
];
const library = folders.map((folder) => join(folder, "libfaketimeMT.so.1")).find((path) => existsSync(path)) ?? null;

/** Why there can be no such clock here; null where there can. */
export const whyNoSettableClock = library === null ? "libfaketime is not installed (Debian: faketime)" : null;

/**
 * Makes one, which goes right.
 *
 * @param file - Where it is written how far it is off; all programs must be able to read it.
 */
export async function createSettableClock(file: string): Promise<SettableClock> {
  if (library === null) throw new Error(`${whyNoSettableClock}`);
  const set = (offsetMs: number) => writeFile(file, `${offsetMs < 0 ? "-" : "+"}${Math.abs(offsetMs) / 1_000}`, { mode: 0o644 });
  await set(0);
  return {
    environment: { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: "1", FAKETIME_DONT_FAKE_MONOTONIC: "1" },
    set,
  };
}
