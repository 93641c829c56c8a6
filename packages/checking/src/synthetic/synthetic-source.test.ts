import { describe, expect, it } from "@jest/globals";
import { createRegistry, getFamily } from "@vision/protocol";
import { createSeededRandom } from "@vision/scoring/probing";
import { drawHabits } from "./habits.js";
import { createSyntheticSource } from "./synthetic-source.js";

const registry = createRegistry();
const habits = drawHabits(createSeededRandom("habits", []));
const drawMany = (id: string, count: number, maxUnits = 1e6) => {
  const task = registry.get(id);
  if (task === undefined) throw new Error(`no task ${id}`);
  const source = createSyntheticSource({ task, random: createSeededRandom("source", [id]), habits });
  return Array.from({ length: count }, () => source.draw(maxUnits));
};
const without = ({ seed: _seed, ...rest }: Readonly<Record<string, unknown>>) => JSON.stringify(rest);
type Messages = readonly { readonly role: string; readonly content: unknown }[];

describe("a source of synthetic requests", () => {
  it("a synthetic prompt never came twice: now and then one does, with another seed and never where the answer would be the same", () => {
    for (const id of ["chat-tiny", "completion-tiny", "image-tiny", "embedding-tiny", "chat-llama-3-1-8b"]) {
      const drawn = drawMany(id, 1_000);
      const bodies = new Set(drawn.map((request) => JSON.stringify(request)));
      expect({ id, bodies: bodies.size }).toEqual({ id, bodies: 1_000 });
      const repeated = drawn.filter((request, index) => index > 0 && without(request) === without(drawn[index - 1] ?? {}));
      expect({ id, greedy: repeated.filter(({ temperature }) => temperature === 0).length }).toEqual({ id, greedy: 0 });
      expect({ id, doesRepeat: repeated.length > 10 }).toEqual({ id, doesRepeat: id !== "embedding-tiny" });
    }
  });

  it("conversations come back with one more turn, as far as they fit", () => {
    for (const id of ["chat-tiny", "chat-llama-3-1-8b"]) {
      const drawn = drawMany(id, 1_000).map((request) => request["messages"] as Messages);
      const grown = drawn.filter((messages, index) => {
        const before = drawn[index - 1] ?? [];
        return (
          index > 0 && messages.length === before.length + 2 && JSON.stringify(messages.slice(0, before.length)) === JSON.stringify(before)
        );
      });
      expect({ id, isOften: grown.length > 60 }).toEqual({ id, isOften: true });
      expect(grown.every((messages) => messages.at(-1)?.role === "user" && messages.at(-2)?.role === "assistant")).toBe(true);
    }
  });

  it("the same instructions come again, those of one application more often than those of others", () => {
    const texts = drawMany("chat-llama-3-1-8b", 1_000).flatMap((request) => {
      const [first] = request["messages"] as Messages;
      return first?.role === "system" && typeof first.content === "string" ? [first.content] : [];
    });
    const counts = habits.systemTexts.map((text) => texts.filter((each) => each === text).length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(texts.length / 2);
    expect(Math.max(...counts)).toBeGreaterThan(30);
  });

  it("asks for no more than it may", () => {
    const family = getFamily("chat-completions");
    const units = drawMany("chat-llama-3-1-8b", 500, 40).map((request) => family.maxWorkUnits(family.requestSchema.parse(request)));
    expect(Math.max(...units)).toBeLessThanOrEqual(40);
  });

  it("leaves the limits that programs name to real models, in bounds", () => {
    const limits = drawMany("chat-llama-3-1-8b", 1_000).map((request) =>
      Number(request["max_tokens"] ?? request["max_completion_tokens"] ?? 0),
    );
    for (const usual of [5, 100, 256, 1_024, 2_048, 4_096]) {
      expect({ usual, isDrawn: limits.includes(usual) }).toEqual({ usual, isDrawn: true });
    }
    expect(new Set(limits).size).toBeGreaterThan(80);
  });
});
