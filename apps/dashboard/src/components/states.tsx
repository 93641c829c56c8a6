import type { ReactNode } from "react";
import { ApiFailure } from "../data/api.js";

/** Something is on its way. */
export function Loading() {
  return (
    <p className="quiet" role="status">
      Loading…
    </p>
  );
}

/** Something could not be had, and why. What does not exist yet is no failure. */
export function Failure({ error, missing }: { readonly error: unknown; readonly missing: ReactNode }) {
  if (error instanceof ApiFailure && error.status === 404) return <p className="quiet">{missing}</p>;
  return (
    <p className="notice bad" role="alert">
      {error instanceof Error ? error.message : "Something went wrong."}
    </p>
  );
}
