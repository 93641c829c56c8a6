import type { RequestBody } from "@vision/protocol";
import type { JudgedVerdict } from "@vision/scoring";

/** What came of one request: a verdict on its answer, an answer that cannot be judged, or none. `reason` is for people. */
export type AnswerFinding = { readonly request: RequestBody } & (
  | {
      readonly kind: "judged";
      readonly verdict: JudgedVerdict;
      /** null for an answer that came as a whole. */
      readonly firstTokenMs: number | null;
      readonly durationMs: number;
      readonly units: number;
    }
  | { readonly kind: "inconclusive"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string }
);
