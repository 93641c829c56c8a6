import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { invalidSettings } from "@vision/program";
import { readTaskSettings, readTasksFile, type TaskBase, type TaskSettings, type WrittenTasksFile } from "../config/index.js";

/**
 * Changes a file of tasks as a whole or not at all: what is made of it is judged beside the configuration before it takes the file's place.
 * The file may hold keys, so nobody else may read it.
 *
 * @returns The tasks that the configuration and the file make from now on.
 * @throws VisionError `CONFIG_INVALID` where the file is bad, or would be.
 */
export async function changeTasksFile(
  { path, base }: { readonly path: string; readonly base: TaskBase },
  change: (written: WrittenTasksFile) => WrittenTasksFile,
): Promise<TaskSettings> {
  const read = await readTasksFile(path);
  if (read.kind === "refused") throw invalidSettings(read.problems);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // In the same folder: relative paths count from it, and a rename puts all of it in place at once.
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, `${JSON.stringify(change(read.written as WrittenTasksFile), null, 2)}\n`, { mode: 0o600 });
    const judged = await readTaskSettings(draft, base);
    if (judged.kind === "refused") {
      throw invalidSettings(judged.problems.map(({ where, message }) => ({ where: where.replace(draft, path), message })));
    }
    await rename(draft, path);
    return judged.settings;
  } finally {
    await rm(draft, { force: true });
  }
}
