import type { Refusal } from "../node/dev-node.js";
import { RpcError } from "./json-rpc.js";

const reasons = {
  BadProof: "Transaction has a bad signature",
  Stale: "Transaction is outdated",
  Payment: "Inability to pay some fees (e.g. account balance too low)",
  AncientBirthBlock: "Transaction has an ancient birth block",
  Call: "Transaction call is not expected",
} as const;

/** The error that a real node answers a refused submission with. Custom codes come as `Custom error: N`, as its RPC writes them. */
export function refusalError(refusal: Refusal): RpcError {
  switch (refusal.kind) {
    case "undecodable":
      return new RpcError(
        1002,
        "Verification Error: Runtime error: Execution failed",
        `The extrinsic cannot be decoded: ${refusal.message}`,
      );
    case "alreadyImported":
      return new RpcError(1013, "Transaction Already Imported");
    case "banned":
      return new RpcError(1012, "Transaction is temporarily banned");
    case "priorityTooLow":
      return new RpcError(
        1014,
        "Priority is too low: (0 vs 0)",
        "The transaction has too low priority to replace another transaction already in the pool.",
      );
    case "invalid": {
      const { validity } = refusal;
      const data = validity.reason === "Custom" ? `Custom error: ${validity.code}` : reasons[validity.reason];
      return new RpcError(1010, "Invalid Transaction", data);
    }
  }
}
