/** An error that a node answered to a JSON-RPC request. */
export type NodeError = { readonly code: number; readonly message: string; readonly data: unknown };

/** {@link NodeError} as what a request rejects with. */
export class NodeRefusal extends Error implements NodeError {
  override readonly name = "NodeRefusal";
  readonly code: number;
  readonly data: unknown;

  constructor({ code, message, data }: NodeError) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** The node's own error in whatever a request rejected with; null when the node did not answer at all (lost connection, time-out). */
export function nodeErrorOf(error: unknown): NodeError | null {
  return error instanceof NodeRefusal ? error : null;
}

/** JSON-RPC's code for a method that the node does not have. */
export const METHOD_NOT_FOUND = -32_601;

/** What subtensor's public nodes answer when too much was asked of them. */
export const RATE_LIMITED = -32_029;
