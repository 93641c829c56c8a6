import type { Task } from "./registry/task.js";
import { PROTOCOL_VERSION } from "./version.js";

/** What two peers compare when they meet. */
export type ProtocolDescription = { readonly protocolVersion: string; readonly tasks: readonly Task[] };

/** One difference between two peers. Breaking ones make working together pointless. */
export type ProtocolDifference = {
  readonly path: string;
  readonly ours: string;
  readonly theirs: string;
  readonly isBreaking: boolean;
};

/** True when a peer of that version understands us: the same major version. Anything unreadable is incompatible. */
export function isCompatibleVersion(theirs: string, ours: string = PROTOCOL_VERSION): boolean {
  const pattern = /^(\d{1,6})\.\d{1,6}$/;
  const major = pattern.exec(theirs)?.[1];
  return major !== undefined && major === pattern.exec(ours)?.[1];
}

/**
 * Every difference between two protocol descriptions, at once. Empty when they are the same.
 *
 * A different major version or the same task id with another family or model is breaking; other differences are information.
 */
export function compareProtocols(ours: ProtocolDescription, theirs: ProtocolDescription): readonly ProtocolDifference[] {
  const differences: ProtocolDifference[] = [];
  if (ours.protocolVersion !== theirs.protocolVersion) {
    differences.push({
      path: "protocolVersion",
      ours: ours.protocolVersion,
      theirs: theirs.protocolVersion,
      isBreaking: !isCompatibleVersion(theirs.protocolVersion, ours.protocolVersion),
    });
  }
  const theirTasks = new Map(theirs.tasks.map((task) => [task.id, task]));
  for (const task of ours.tasks) {
    const other = theirTasks.get(task.id);
    theirTasks.delete(task.id);
    if (other === undefined) {
      differences.push({ path: `tasks.${task.id}`, ours: "present", theirs: "absent", isBreaking: false });
      continue;
    }
    const ourFields: Readonly<Record<string, unknown>> = task;
    const theirFields: Readonly<Record<string, unknown>> = other;
    for (const field of new Set([...Object.keys(task), ...Object.keys(other)])) {
      const [a, b] = [JSON.stringify(ourFields[field]) ?? "absent", JSON.stringify(theirFields[field]) ?? "absent"];
      if (a !== b)
        differences.push({ path: `tasks.${task.id}.${field}`, ours: a, theirs: b, isBreaking: field === "family" || field === "model" });
    }
  }
  for (const id of theirTasks.keys()) differences.push({ path: `tasks.${id}`, ours: "absent", theirs: "present", isBreaking: false });
  return differences;
}
