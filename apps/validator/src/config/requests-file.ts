import { readFile } from "node:fs/promises";
import type { SharedRequest } from "@vision/checking";
import type { SettingProblem } from "@vision/program";
import { getFamily, type TaskRegistry } from "@vision/protocol";
import { z } from "zod";

/** A request that the validator may draw its own from, and the task that it is for; no miner was asked it. */
export type RequestOfFile = SharedRequest & { readonly taskId: string };

const lineSchema = z.looseObject({ model: z.string() });

/**
 * Reads requests from a file of JSON lines, each a body as a user would send it with a task's id as its `model`.
 *
 * @returns The requests in their order, or what is wrong with the first line that is no such body.
 */
export async function readRequestsFile(
  path: string,
  registry: TaskRegistry,
): Promise<{ readonly requests: readonly RequestOfFile[] } | { readonly problem: string }> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return { problem: `names ${path}, which cannot be read; check the path and the permissions` };
  const requests: RequestOfFile[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const read = readLine(line, registry);
    if (typeof read === "string") return { problem: `names ${path}, whose line ${index + 1} ${read}` };
    requests.push(read);
  }
  return { requests };
}

function readLine(line: string, registry: TaskRegistry): RequestOfFile | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "is no JSON; every line is one request's body";
  }
  const named = lineSchema.safeParse(value);
  if (!named.success) return "names no task: `model` must be a task's id";
  const task = registry.get(named.data.model);
  if (task === undefined) return `is for a task that there is not; there are ${[...registry.keys()].join(", ")}`;
  const parsed = getFamily(task.family).requestSchema.safeParse(named.data);
  if (parsed.success) return { taskId: task.id, request: parsed.data, hotkeys: [] };
  const [issue] = parsed.error.issues;
  return `is no request to ${task.id}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim();
}

/** What is wrong with the file, as a problem of its setting. */
export async function checkRequestsFile(path: string | undefined, registry: TaskRegistry | undefined): Promise<readonly SettingProblem[]> {
  if (path === undefined || registry === undefined) return [];
  const read = await readRequestsFile(path, registry);
  return "problem" in read ? [{ path: ["syntheticRequests", "file"], message: read.problem }] : [];
}
