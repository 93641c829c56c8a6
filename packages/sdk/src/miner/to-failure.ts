import type { WireErrorCode } from "@vision/protocol";
import { BackendError } from "../backends/inference-backend.js";
import { RunStopped } from "./backend-run.js";

/** A request that was not answered, as the client is told. */
export type Failure = { readonly code: WireErrorCode; readonly message: string; readonly retryAfterMs?: number };

/** What the client is told of an error. Texts of unknown errors stay here: they may hold paths, addresses or prompts. */
export function toFailure(error: unknown): Failure {
  if (BackendError.isInstance(error)) {
    switch (error.code) {
      case "busy":
        return { code: "rate_limited", message: "The backend is at its limit.", retryAfterMs: error.retryAfterMs ?? 1_000 };
      case "invalid":
        return { code: "invalid_request", message: error.message };
      case "failed":
        return { code: "backend_failed", message: "The backend failed." };
    }
  }
  if (error instanceof RunStopped) {
    switch (error.reason) {
      case "timedOut":
        return { code: "backend_failed", message: "The backend did not answer within the task's time." };
      case "closed":
        return { code: "overloaded", message: "The miner is shutting down." };
      case "cancelled":
        return { code: "internal", message: "The client has gone away." };
    }
  }
  return { code: "backend_failed", message: "The backend failed." };
}
