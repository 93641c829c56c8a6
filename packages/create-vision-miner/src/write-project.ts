import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ProjectPlan, planProject } from "./plan-project.js";

/** A folder that cannot take a project. */
export class FolderError extends Error {}

/**
 * Writes a project into a folder, which is made where it is missing.
 *
 * @param templates - The folder `template/` of this package.
 * @returns Paths of the files, relative to the folder.
 * @throws FolderError when the folder holds anything but a `.git`.
 */
export async function writeProject(folder: string, plan: ProjectPlan, templates: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const present = (await readdir(folder)).filter((name) => name !== ".git");
  if (present.length > 0) throw new FolderError(`${folder} is not empty (${present.slice(0, 3).join(", ")}): name another folder`);
  const { files, words } = planProject(plan);
  for (const file of files) {
    const text = "text" in file ? file.text : fillIn(await readFile(join(templates, file.template), "utf8"), words);
    // `wx`: what appeared meanwhile is not overwritten.
    await writeFile(join(folder, file.path), text, { flag: "wx" });
  }
  return files.map(({ path }) => path);
}

function fillIn(text: string, words: Readonly<Record<string, string>>): string {
  return text.replace(/__[A-Z]+__/g, (word) => words[word] ?? word);
}
