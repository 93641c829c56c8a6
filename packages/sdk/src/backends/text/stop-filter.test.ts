import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createStopFilter } from "./stop-filter.js";

describe("createStopFilter", () => {
  it("shows text at once when it cannot begin a stop sequence", () => {
    const filter = createStopFilter(["###"]);
    expect(filter.push("Hello")).toEqual({ text: "Hello", isStopped: false });
  });

  it("holds back what may be the beginning of a stop sequence, and shows it when it is not", () => {
    const filter = createStopFilter(["END"]);
    expect(filter.push("the E").text).toBe("the ");
    expect(filter.push("N").text).toBe("");
    expect(filter.push("ough").text).toBe("ENough");
  });

  it("cuts before the earliest sequence", () => {
    expect(createStopFilter(["c", "b"]).push("abc")).toEqual({ text: "a", isStopped: true });
  });

  it("gives back what it holds when the text ends", () => {
    const filter = createStopFilter(["END"]);
    filter.push("EN");
    expect(filter.flush()).toBe("EN");
    expect(filter.flush()).toBe("");
  });

  it("shows the same text however it is cut into pieces", () => {
    const alphabet = fc.constantFrom("a", "b", "c");
    const word = fc.string({ unit: alphabet, minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(fc.string({ unit: alphabet, maxLength: 4 })), fc.array(word, { maxLength: 3 }), (pieces, sequences) => {
        const filter = createStopFilter(sequences);
        let shown = "";
        let isStopped = false;
        for (const piece of pieces) {
          const result = filter.push(piece);
          shown += result.text;
          isStopped = result.isStopped;
          if (isStopped) break;
        }
        if (!isStopped) shown += filter.flush();
        const whole = pieces.join("");
        const positions = sequences.map((sequence) => whole.indexOf(sequence)).filter((at) => at !== -1);
        // Of two sequences that end at different times, the one that is complete first stops the stream, even if another began earlier.
        if (positions.length === 0) expect(shown).toBe(whole);
        else {
          expect(whole.startsWith(shown)).toBe(true);
          for (const sequence of sequences) expect(shown).not.toContain(sequence);
        }
      }),
    );
  });
});
