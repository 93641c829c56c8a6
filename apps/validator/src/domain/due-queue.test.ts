import { describe, expect, it } from "@jest/globals";
import { createSeededRandom } from "@vision/scoring/probing";
import { createDueQueue } from "./due-queue.js";

describe("createDueQueue", () => {
  it("gives items back in order of time, equal times in order of arrival", () => {
    const queue = createDueQueue<string>();
    queue.push("late", 30);
    queue.push("first", 10);
    queue.push("second", 10);
    expect(queue.nextDueAtMs()).toBe(10);
    expect([queue.pop(), queue.pop(), queue.pop(), queue.pop()]).toEqual(["first", "second", "late", null]);
    expect(queue.nextDueAtMs()).toBeNull();
  });

  it("sorts any mix of pushes and pops", () => {
    const random = createSeededRandom("queue", []);
    const queue = createDueQueue<number>();
    const popped: number[] = [];
    for (let index = 0; index < 500; index += 1) {
      const due = random.nextInt(1_000);
      queue.push(due, due);
      if (index % 3 === 0) queue.pop();
    }
    for (let next = queue.pop(); next !== null; next = queue.pop()) popped.push(next);
    expect(popped).toEqual([...popped].sort((a, b) => a - b));
    expect(queue.size).toBe(0);
  });
});
