import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { z } from "zod";
import { describeIssue } from "./describe-issue.js";
import { parseJson } from "./parse-text.js";
import type { SourceProblem } from "./read-sources.js";
import { resolvePaths } from "./resolve-paths.js";

/** What a file says, or everything that is wrong with it. */
export type ReadSettingsFile<Value> =
  | { readonly kind: "read"; readonly value: Value /** As it is written, before anything is filled in. */; readonly written: unknown }
  | { readonly kind: "refused"; readonly problems: readonly SourceProblem[] };

/**
 * Reads a JSON file of settings that stands beside a program's configuration. One that is not there says nothing: `{}`. Relative paths in it
 * count from its folder. Values are not repeated in problems: one may be a secret.
 */
export async function readSettingsFile<Value>(path: string, schema: z.ZodType<Value>): Promise<ReadSettingsFile<Value>> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? "{}" : null));
  if (text === null) return { kind: "refused", problems: [{ where: path, message: "cannot be read; check the path and the permissions" }] };
  const json = parseJson(text);
  if ("problem" in json) return { kind: "refused", problems: [{ where: path, message: json.problem }] };
  const parsed = schema.safeParse(resolvePaths(schema, json.value, dirname(path)), { reportInput: true });
  if (parsed.success) return { kind: "read", value: parsed.data, written: json.value };
  return { kind: "refused", problems: parsed.error.issues.flatMap(describeIssue).map((problem) => placeInFile(path, problem)) };
}

/** A problem of a file beside the configuration, with the place where it can be mended. */
export function placeInFile(
  file: string,
  { path, message }: { readonly path: readonly string[]; readonly message: string },
): SourceProblem {
  return { where: path.length === 0 ? file : `${path.join(".")} (${file})`, message };
}
