import { getFamily, type Task } from "@vision/protocol";
import type { BackendCall } from "./inference-backend.js";

/** A request for a backend whose fields nobody has looked at by family. */
export type UntypedCall = {
  readonly task: Task;
  /** Parsed by the schema of the task's family. */
  readonly request: unknown;
  readonly isStream: boolean;
  readonly signal: AbortSignal;
  /** See `BackendCall`. */
  readonly traceparent?: string;
};

/** The call with its family. */
export function createBackendCall({ task, ...call }: UntypedCall): BackendCall {
  const family = getFamily(task.family);
  // The one place where a request gets its type back: the schema of this very family has parsed it.
  return { task, familyName: family.name, family, ...call } as BackendCall;
}
