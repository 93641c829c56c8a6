import type { BackendPart } from "../backends/inference-backend.js";

/** One thing that a fake backend does. */
export type FakeStep =
  | BackendPart
  /** Waits on the clock, which tests move by hand. */
  | { readonly kind: "wait"; readonly durationMs: number }
  /** Waits until the request is cancelled. */
  | { readonly kind: "hang" }
  /** Throws. */
  | { readonly kind: "fail"; readonly error: unknown };
