import type { Verdict } from "@vision/scoring";
import { isGood, isJudged, isTelling, type Question, type ReferenceMember } from "./reference-member.js";

/** What a reference makes of a question whose answer is known: `unknown` where none is, or it makes nothing of it. */
export type Truth = "right" | "wrong" | "unknown";

/** A question with the quality of its answer, and how far from that a verdict may be. */
export type KnownQuestion = { readonly question: Question; readonly qualityFraction: number; readonly tolerance: number };

/** By task, an answer that was found right earlier. */
export type KnownAnswers = {
  /** Remembers what was found right. */
  note(question: Question, verdict: Verdict): void;
  forget(taskId: string): void;
  /** Asks a reference about a task's. Rejects where it fails. */
  test(member: ReferenceMember, taskId: string, signal: AbortSignal): Promise<Truth>;
};

/** How a reference's verdict fits what is known. */
export function truthOf(verdict: Verdict, { qualityFraction, tolerance }: Omit<KnownQuestion, "question">): Truth {
  if (!isJudged(verdict)) return "unknown";
  return Math.abs(verdict.qualityFraction - qualityFraction) <= tolerance ? "right" : "wrong";
}

/** Another model finds nearly nothing of an answer right; what differs between two looks of one model is a token or two. */
const TOLERANCE = 0.5;

/**
 * Knows nothing at first. The first answer of a task stays: a reference that changed bit by bit would else be measured against itself. Answers that are
 * wrong need not be known: logprobs that fit those of any answer cannot be had by accident.
 */
export function createKnownAnswers(): KnownAnswers {
  const byTask = new Map<string, KnownQuestion>();
  return {
    note({ task, request, answer, sampler }, verdict) {
      if (byTask.has(task.id) || !isJudged(verdict) || !isGood(verdict) || !isTelling(answer)) return;
      byTask.set(task.id, { question: { task, request, answer, sampler }, qualityFraction: verdict.qualityFraction, tolerance: TOLERANCE });
    },
    forget: (taskId) => void byTask.delete(taskId),
    async test(member, taskId, signal) {
      const known = byTask.get(taskId);
      return known === undefined ? "unknown" : truthOf(await member.ask({ ...known.question, signal }), known);
    },
  };
}
