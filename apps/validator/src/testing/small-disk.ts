import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";

/** A disk of so many bytes in a new folder, while the work goes on. The work is left out where nobody may mount one: only root may. */
export async function withSmallDisk(folder: string, bytes: number, work: () => Promise<void>): Promise<void> {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes},mode=0700`, "none", folder], { stdio: "ignore" });
  } catch {
    process.stderr.write("Skipped: only root may mount the small disk that is to be filled.\n");
    return;
  }
  try {
    await work();
  } finally {
    execFileSync("umount", [folder]);
  }
}
