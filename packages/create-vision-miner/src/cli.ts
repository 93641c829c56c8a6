#!/usr/bin/env node
import { readFile } from "node:fs/promises";
import { basename, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ask, Cancelled, takeDefaults } from "./ask.js";
import { ArgumentError, readArguments, usage } from "./read-arguments.js";
import { FolderError, writeProject } from "./write-project.js";

const home = fileURLToPath(new URL("../", import.meta.url));

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  try {
    const given = readArguments(words);
    const { version, devDependencies } = JSON.parse(await readFile(resolve(home, "package.json"), "utf8"));
    if (given.wantsHelp) return print(usage);
    if (given.wantsVersion) return print(`${version}\n`);
    if (!given.isUnasked && !(process.stdin.isTTY && process.stdout.isTTY)) {
      throw new ArgumentError("There is no terminal to ask on: name --backend and the rest, and add --yes.");
    }
    const { folder, ...choices } = given.isUnasked ? takeDefaults(given) : await ask(given);
    const path = resolve(folder);
    const plan = { ...choices, name: basename(path), sdkVersion: devDependencies["@vision/sdk"] };
    const files = await writeProject(path, plan, resolve(home, "template"));
    return print(
      `${files.map((file) => `  ${file}`).join("\n")}\n\nNow:\n  cd ${relative(".", path) || "."}\n  npm install\n  npm test\n  npm start\n`,
    );
  } catch (error) {
    if (error instanceof Cancelled) return 1;
    if (error instanceof ArgumentError) {
      process.stderr.write(`${error.message}\n\n${usage}`);
      return 2;
    }
    process.stderr.write(`${error instanceof FolderError ? error.message : `The project could not be written: ${String(error)}`}\n`);
    return 1;
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}
