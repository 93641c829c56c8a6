/** Text that may be shown, cut before the first stop sequence. */
export type StopFilter = {
  /** Feeds text. Returns what is safe to show now; text that may be the beginning of a stop sequence is held back. */
  push(text: string): { readonly text: string; readonly isStopped: boolean };
  /** What is still held back when the answer ends without a stop sequence. */
  flush(): string;
};

/** Filter for the given stop sequences; none of them empty. The sequence itself is never shown. */
export function createStopFilter(sequences: readonly string[]): StopFilter {
  let held = "";
  return {
    push(text) {
      held += text;
      const stopAt = earliest(held, sequences);
      if (stopAt !== -1) {
        const shown = held.slice(0, stopAt);
        held = "";
        return { text: shown, isStopped: true };
      }
      const keep = longestBeginning(held, sequences);
      const shown = held.slice(0, held.length - keep);
      held = held.slice(held.length - keep);
      return { text: shown, isStopped: false };
    },
    flush() {
      const rest = held;
      held = "";
      return rest;
    },
  };
}

function earliest(text: string, sequences: readonly string[]): number {
  const positions = sequences.map((sequence) => text.indexOf(sequence)).filter((at) => at !== -1);
  return positions.length === 0 ? -1 : Math.min(...positions);
}

/** Length of the longest end of the text that some sequence begins with. */
function longestBeginning(text: string, sequences: readonly string[]): number {
  let longest = 0;
  for (const sequence of sequences) {
    for (let length = Math.min(sequence.length - 1, text.length); length > longest; length -= 1) {
      if (text.endsWith(sequence.slice(0, length))) longest = length;
    }
  }
  return longest;
}
