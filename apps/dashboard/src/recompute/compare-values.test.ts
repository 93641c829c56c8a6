import { describe, expect, it } from "@jest/globals";
import { compareValues } from "./compare-values.js";

const report = {
  period: 3,
  miners: [
    { hotkey: "alice", weight: 0.1 + 0.2, tasks: [{ hotkey: "alice", taskId: "chat-tiny", quality: 1.25, periodScores: [1, 0.5] }] },
    { hotkey: "bob", weight: 0, tasks: [] },
  ],
};
const copy = () => structuredClone(report);

describe("compareValues", () => {
  it("finds nothing between equal values, and says how many were compared", () => {
    expect(compareValues(report, copy())).toEqual({ compared: 10, differing: 0, differences: [] });
  });

  it("names the one number that differs in its last bit, by miner and task", () => {
    const other = copy();
    if (other.miners[0] !== undefined) other.miners[0].weight = 0.3;
    expect(compareValues(report, other).differences).toEqual([{ path: "miners[alice].weight", published: 0.1 + 0.2, computed: 0.3 }]);
    const task = copy();
    if (task.miners[0]?.tasks[0] !== undefined) task.miners[0].tasks[0].periodScores[1] = 0.25;
    expect(compareValues(report, task).differences[0]?.path).toBe("miners[alice].tasks[chat-tiny].periodScores[1]");
  });

  it("tells what is there on one side only", () => {
    const { differing, differences } = compareValues({ a: [1, 2], b: 1 }, { a: [1], c: 1 });
    expect(differing).toBe(3);
    expect(differences.map(({ path }) => path)).toEqual(["a.length", "b", "c"]);
  });

  it("tells 0 from -0 and finds NaN equal to itself", () => {
    expect(compareValues([0, Number.NaN], [-0, Number.NaN]).differing).toBe(1);
  });

  it("counts all differences and shows the first hundred", () => {
    const { differing, differences } = compareValues(Array(500).fill(0), Array(500).fill(1));
    expect([differing, differences.length]).toEqual([500, 100]);
  });
});
