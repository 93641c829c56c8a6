import type { Comparison } from "./compare-values.js";

/** What the worker is asked: where to read, and the number to change before computing, if one is to be. */
export type RecomputeRequest = { readonly observationsUrl: string; readonly scoresUrl: string; readonly isTampered: boolean };

/** What came of it. */
export type RecomputeReply =
  | { readonly kind: "step"; readonly text: string }
  | { readonly kind: "failed"; readonly message: string; readonly status: number | null }
  | {
      readonly kind: "done";
      readonly comparison: Comparison;
      readonly period: number;
      readonly preset: string;
      readonly seriesCount: number;
      readonly periodCount: number;
      readonly sampleCount: number;
      readonly observationBytes: number;
      readonly computeMs: number;
      /** What was changed, in words; null where nothing was. */
      readonly tampered: string | null;
      readonly weights: readonly { readonly hotkey: string; readonly published: number; readonly computed: number }[];
    };
