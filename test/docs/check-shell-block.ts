import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CodeBlock } from "./read-blocks.js";

const root = join(import.meta.dirname, "..", "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** The programs of this repository, as pages name them, and what is run for their help. */
const programs: Readonly<Record<string, string>> = {
  "vision-miner": "apps/miner/dist/main.js",
  "vision-validator": "apps/validator/dist/main.js",
  "vision-devnet": "packages/devnet/dist/cli.js",
  "create-vision-miner": "packages/create-vision-miner/dist/cli.js",
  lab: "apps/lab/dist/main.js",
};
/** Where the flags of scripts without a help of their own are read. */
const flagSources: Readonly<Record<string, string>> = {
  roc: "apps/validator/bench",
  distinguish: "apps/validator/bench/distinguish",
};
/** Programs that are not ours, and what a reader's shell knows itself: nothing here says whether their words are right. */
const foreign = new Set(["alias", "cd", "mkdir", "export", "openssl", "sha256sum", "vllm", "python3"]);

const helps = new Map<string, string>();
function helpOf(program: string, path: readonly string[]): string {
  const key = [program, ...path].join(" ");
  const known = helps.get(key);
  if (known !== undefined) return known;
  const { stdout } = spawnSync(process.execPath, [join(root, programs[program] ?? ""), ...path, "--help"], { encoding: "utf8" });
  helps.set(key, stdout);
  return stdout;
}

const isNamed = (text: string, flag: string) => new RegExp(`(?<![\\w-])${flag}(?![\\w-])`).test(text);

/** The command exists, and its help names every flag. */
function checkProgram(program: string, words: readonly string[]): readonly string[] {
  const path: string[] = [];
  let help = helpOf(program, path);
  if (help === "") return [`${program} has no help`];
  for (const word of words) {
    if (!new RegExp(`^Commands:[\\s\\S]*^  ${word}\\b`, "m").test(help)) break;
    path.push(word);
    help = helpOf(program, path);
  }
  if (/^Commands:/m.test(help)) return [`${program} has no command ${words.slice(0, path.length + 1).join(" ")}`];
  const flags = words.filter((word) => word.startsWith("-") && word !== "--").map((word) => word.split("=", 1)[0] ?? "");
  return flags.filter((flag) => !isNamed(help, flag)).map((flag) => `${[program, ...path].join(" ")} has no ${flag}`);
}

function sourcesIn(folder: string): string {
  const entries = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  const files = entries.filter((name) => /\.(ts|mjs)$/.test(name) && statSync(join(root, folder, name)).isFile());
  return files.map((name) => read(join(folder, name))).join("\n");
}

/** Flags that a script's sources read: as they are written, or as names of options. */
function checkScriptFlags(script: string, words: readonly string[]): readonly string[] {
  if (script in programs) return checkProgram(script, words);
  const flags = words.filter((word) => word.startsWith("--"));
  const sources = script in flagSources ? sourcesIn(flagSources[script] ?? "") : "";
  return flags
    .filter((flag) => !isNamed(sources, flag) && !new RegExp(`\\b${flag.slice(2)}: \\{ type:`).test(sources))
    .map((flag) => `npm run ${script} has no ${flag}`);
}

function workspaceNames(): ReadonlySet<string> {
  const folders = ["packages", "apps", "examples"].flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name)));
  const files = folders.map((folder) => join(folder, "package.json")).filter((file) => existsSync(join(root, file)));
  return new Set(files.map((file) => JSON.parse(read(file)).name));
}

function checkNpm(words: readonly string[], folder: string): readonly string[] {
  const [command = "", ...rest] = words;
  const end = rest.indexOf("--");
  const [own, handedOn] = end < 0 ? [rest, []] : [rest.slice(0, end), rest.slice(end + 1)];
  const names = own.filter((word) => !word.startsWith("-"));
  const { scripts } = JSON.parse(read("package.json"));
  switch (command) {
    case "start":
    case "test":
      return command in scripts || folder.endsWith("template") ? [] : [`there is no npm ${command}`];
    case "run": {
      const [script = ""] = names;
      if (!(script in scripts)) return [`there is no npm run ${script}`];
      if (script !== "build") return checkScriptFlags(script, handedOn);
      const filters = handedOn.map((word) => word.replace(/^--filter=/, ""));
      return filters.filter((name) => !workspaceNames().has(name)).map((name) => `there is no workspace ${name}`);
    }
    case "create":
      return names[0] === "vision-miner@latest" ? checkProgram("create-vision-miner", handedOn) : [`npm create ${names[0]} is not ours`];
    case "install": {
      const manifests = [...workspaceNames()].join(" ") + read("packages/sdk/package.json");
      return names.filter((name) => !manifests.includes(name)).map((name) => `nothing names the package ${name}`);
    }
    case "init":
    case "pkg":
      return [];
    default:
      return [`npm ${command} is not known here`];
  }
}

/** A route of ours: its path stands in a source. */
function checkUrls(words: readonly string[]): readonly string[] {
  const paths = words.flatMap((word) => /^https?:\/\/[^/]+(\/v1\/.*)$/.exec(word)?.[1] ?? []);
  const sources = ["packages/protocol/src", "packages/sdk/src", "apps/miner/src", "apps/validator/src/gateway"].map(sourcesIn).join("\n");
  return paths.filter((path) => !sources.includes(`"${path}"`)).map((path) => `nothing serves ${path}`);
}

function checkCommand(words: readonly string[], page: string): readonly string[] {
  const folder = dirname(page);
  const [program = "", ...rest] = words;
  if (program in programs) return checkProgram(program, rest);
  if (foreign.has(program) || /\/bin\/(pip|python)$/.test(program)) return [];
  switch (program) {
    case "npx":
      return checkCommand(rest, page);
    case "npm":
      return checkNpm(rest, folder);
    case "curl":
      return checkUrls(rest);
    case "node": {
      const [file = "", ...more] = rest;
      const name = Object.keys(programs).find((each) => file.endsWith(programs[each] ?? ""));
      if (name !== undefined) return checkProgram(name, more);
      const isThere = existsSync(join(root, file)) || existsSync(join(root, folder, file)) || read(page).includes(`\`${file}\``);
      return isThere ? [] : [`there is no ${file}`];
    }
    case "python":
    case "pip":
    case "docker": {
      const files = rest.filter((word) => /\.(py|txt|Dockerfile)$/.test(word));
      const missing = files.filter((file) => !existsSync(join(root, program === "docker" ? "" : folder, file)));
      const script = files.find((file) => file.endsWith(".py") && !missing.includes(file));
      const flags = script === undefined ? [] : rest.filter((word) => word.startsWith("--"));
      const unknown = flags.filter((flag) => !isNamed(read(join(folder, script ?? "")), flag));
      return [...missing.map((file) => `there is no ${file}`), ...unknown.map((flag) => `${script} has no ${flag}`)];
    }
    default:
      return [`${program} is not known here`];
  }
}

/** Variables of ours that no page of settings and no script names. */
function checkVariables(text: string): readonly string[] {
  const known = read("docs/reference/validator-settings.md") + read("docs/reference/miner-settings.md") + sourcesIn("scripts");
  const used = [...text.matchAll(/\b(VISION_\w+|BITTENSOR_PYTHON)\b/g)].map(([name]) => name);
  return used.filter((name) => !known.includes(name)).map((name) => `nothing reads ${name}`);
}

/** What is wrong with a block of shell: commands, flags, files, routes and variables of ours that are not there. */
export function checkShellBlock({ text, file }: CodeBlock): readonly string[] {
  const lines = text
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim());
  const commands = lines.flatMap((line) => [
    ...[...line.matchAll(/\$\(([^)]*)\)/g)].map(([, inner = ""]) => inner),
    ...line.replaceAll(/\$\([^)]*\)/g, "x").split(/\s(?:&&|\|)\s/),
  ]);
  const split = (command: string) => [...command.matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) => word.replaceAll(/^['"]|['"]$/g, ""));
  const withoutVariables = (words: readonly string[]) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word)));
  return [
    ...checkVariables(text),
    ...commands.filter((command) => command !== "").flatMap((command) => checkCommand(withoutVariables(split(command)), file)),
  ];
}
