import type { Terminal } from "../terminal.js";

/** A terminal whose lines are kept and whose answers are given beforehand. */
export type MemoryTerminal = Terminal & {
  /** What went to stdout. */
  readonly printed: string[];
  /** What went to stderr, questions included. */
  readonly noted: string[];
};

/** A terminal in memory. Without answers nobody sits at it. */
export function createMemoryTerminal(answers: readonly string[] = []): MemoryTerminal {
  const left = [...answers];
  const printed: string[] = [];
  const noted: string[] = [];
  const answer = async (question: string) => {
    noted.push(question);
    const next = left.shift();
    if (next === undefined) throw new Error(`nobody answers "${question}"`);
    return next;
  };
  return {
    printed,
    noted,
    isInteractive: answers.length > 0,
    print: (text) => void printed.push(text),
    note: (text) => void noted.push(text),
    ask: answer,
    askSecret: answer,
  };
}
