import { parseArgs } from "node:util";
import { type BackendKind, backendKinds } from "./backend-kinds.js";

/** What the command line says; what it does not say is asked for, or is the default with `--yes`. */
export type Arguments = {
  readonly folder?: string | undefined;
  readonly backend?: BackendKind | undefined;
  readonly url?: string | undefined;
  readonly model?: string | undefined;
  readonly task?: string | undefined;
  readonly isUnasked: boolean;
  readonly wantsHelp: boolean;
  readonly wantsVersion: boolean;
};

/** A command line that cannot be meant. */
export class ArgumentError extends Error {}

/** How the command is used. */
export const usage = `npm create vision-miner@latest [folder] -- [options]

  --backend NAME   ${backendKinds.map(({ name }) => name).join(", ")}
  --url URL        where the model server's API begins
  --model NAME     the server's own name for the model; the file's path for gguf
  --task ID        the task to serve
  --yes            ask nothing, take the defaults
  --help, --version
`;

/** @throws ArgumentError naming every mistake at once. */
export function readArguments(words: readonly string[]): Arguments {
  const { values, positionals } = parse(words);
  const mistakes: string[] = [];
  const [folder, ...more] = positionals;
  if (more.length > 0) mistakes.push(`one folder at a time: ${more.join(" ")}`);
  const backend = backendKinds.find(({ name }) => name === values.backend);
  if (values.backend !== undefined && backend === undefined) {
    mistakes.push(`--backend is one of ${backendKinds.map(({ name }) => name).join(", ")}, not "${values.backend}"`);
  }
  const { url, model, task } = values;
  if (url !== undefined && !isHttpUrl(url)) mistakes.push(`--url is an http or https URL, not "${url}"`);
  if (task !== undefined && !isTaskId(task)) mistakes.push(`--task is lower-case words joined by hyphens, not "${task}"`);
  if (mistakes.length > 0) throw new ArgumentError(mistakes.join("\n"));
  const { yes = false, help = false, version = false } = values;
  return { folder, backend, url, model, task, isUnasked: yes, wantsHelp: help, wantsVersion: version };
}

/** Whether a model server can be there. */
export function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Whether it can be a task's id. */
export function isTaskId(text: string): boolean {
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text);
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        backend: { type: "string" },
        url: { type: "string" },
        model: { type: "string" },
        task: { type: "string" },
        yes: { type: "boolean", short: "y" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error));
  }
}
