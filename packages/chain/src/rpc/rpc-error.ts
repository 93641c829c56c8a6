/** An error that a node answered to a JSON-RPC request. */
export type NodeError = { readonly code: number; readonly message: string; readonly data: unknown };

/** The node's own error in whatever a provider threw; null when the node did not answer at all (lost connection, time-out). */
export function nodeErrorOf(error: unknown): NodeError | null {
  if (typeof error !== "object" || error === null) return null;
  const { code, message, data } = error as { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown };
  if (typeof code !== "number") return null;
  return { code, message: typeof message === "string" ? message : "", data };
}

/** JSON-RPC's code for a method that the node does not have. */
export const METHOD_NOT_FOUND = -32_601;
