import { z } from "zod";
import { ChainError } from "../errors/chain-error.js";
import { nodeErrorOf } from "../rpc/rpc-error.js";
import { LostConnectionError } from "../rpc/socket.js";

/** The operation with whatever it throws turned into a {@link ChainError}; an aborted signal's reason is left as it is. */
export async function guard<T>(operation: string, signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    signal?.throwIfAborted();
    if (ChainError.isInstance(error)) throw error;
    const nodeError = nodeErrorOf(error);
    if (nodeError !== null) {
      throw new ChainError({
        code: "CHAIN_REJECTED",
        message: `The node refused ${operation}: ${nodeError.message}`,
        facts: { operation, nodeCode: nodeError.code },
        cause: error,
      });
    }
    if (error instanceof z.ZodError) {
      throw new ChainError({
        code: "CHAIN_UNSUPPORTED",
        message: `The node's answer to ${operation} is not of the form that this version knows.`,
        hint: "Update to a newer version, or use another node.",
        facts: { operation },
        cause: error,
      });
    }
    const isOutage = error instanceof LostConnectionError;
    throw new ChainError({
      code: isOutage ? "CHAIN_UNREACHABLE" : "CHAIN_UNEXPECTED",
      message: `${operation} ${isOutage ? "got no answer" : "failed"}: ${error instanceof Error ? error.message.split("\n")[0] : "unknown reason"}`,
      isRetryable: isOutage,
      facts: { operation },
      cause: error,
    });
  }
}
