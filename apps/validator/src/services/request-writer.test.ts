import { describe, expect, it } from "@jest/globals";
import { changeRegistry, createRegistry, type TaskRegistry } from "@vision/protocol";
import { createSeededRandom } from "@vision/scoring/probing";
import type { Reference } from "../ports/index.js";
import { createManualClock } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRequestWriter } from "./request-writer.js";

const HOUR_MS = 3_600_000;
const real = { "chat-llama-3-1-8b": { isEnabled: true }, "chat-phi-4": { isEnabled: true } };

function setUp({ perTask = 5, writingMs = 100 } = {}) {
  const clock = createManualClock();
  const logger = recordingLogger();
  const state = {
    ...{ isAway: false, says: null as string | null, registry: changeRegistry(createRegistry(), real) as TaskRegistry },
    ...{ busy: new Set<string>(), asked: [] as string[] },
  };
  const reference: Pick<Reference, "write"> = {
    async write({ task, signal }) {
      state.asked.push(task.id);
      await clock.sleep(writingMs, signal);
      if (state.isAway) throw new Error("away");
      if (task.check.kind !== "teacher-forcing" || task.model.startsWith("tiny")) return null;
      return { kind: "written", text: state.says ?? `This is text ${state.asked.length} of ${task.model}.`, isEnded: true };
    },
  };
  const writer = createRequestWriter(
    { perTask, keptMs: 24 * HOUR_MS },
    {
      ...{ reference, clock, logger, random: createSeededRandom("writer", []) },
      routing: { registry: () => state.registry },
      isBusy: (taskId) => state.busy.has(taskId),
    },
  );
  const stop = new AbortController();
  const running = writer.run(stop.signal).catch(() => undefined);
  const end = async () => {
    stop.abort();
    await running;
  };
  const countOf = (taskId: string) => writer.conversationsOf(taskId).length;
  return { clock, logger, state, writer, countOf, end };
}

describe("createRequestWriter", () => {
  it("has as many conversations written of each task as are kept, then stops asking", async () => {
    const { clock, state, countOf, writer, end } = setUp();
    await clock.advance(HOUR_MS / 2);
    expect([countOf("chat-llama-3-1-8b"), countOf("chat-phi-4")]).toEqual([5, 5]);
    // Embedded tasks whose models write nothing, and those of pictures, have none.
    expect([countOf("chat-tiny"), countOf("image-tiny")]).toEqual([0, 0]);
    const texts = writer.conversationsOf("chat-phi-4").map(({ turns }) => JSON.stringify(turns.map(({ request }) => request)));
    expect(new Set(texts).size).toBe(5);
    for (const text of texts) expect(text).not.toMatch(/Llama/);
    state.asked.length = 0;
    await clock.advance(HOUR_MS);
    expect(state.asked.filter((id) => id === "chat-phi-4")).toEqual([]);
    await end();
  });

  it("replaces those that several miners know word by word, and what is a day old", async () => {
    const { clock, countOf, writer, end } = setUp();
    await clock.advance(HOUR_MS / 2);
    const before = writer.conversationsOf("chat-phi-4");
    const [worn, known] = before;
    for (const hotkey of ["alice", "bob", "carol"]) worn?.knownBy.add(hotkey);
    known?.knownBy.add("alice");
    await clock.advance(HOUR_MS / 2);
    const after = writer.conversationsOf("chat-phi-4");
    expect(after).toHaveLength(5);
    expect(before.filter((each) => !after.includes(each))).toEqual([worn]);
    await clock.advance(24 * HOUR_MS);
    expect(writer.conversationsOf("chat-phi-4").filter((each) => before.includes(each))).toEqual([]);
    expect(countOf("chat-phi-4")).toBe(5);
    await end();
  });

  it("lets checks go first, and takes a quarter of a slow model's time at most", async () => {
    const { clock, state, countOf, end } = setUp({ perTask: 1_000, writingMs: 20_000 });
    state.busy.add("chat-phi-4");
    await clock.advance(4 * HOUR_MS);
    expect(countOf("chat-phi-4")).toBe(0);
    expect(countOf("chat-llama-3-1-8b")).toBeGreaterThan(5);
    expect(state.asked.length * 20_000).toBeLessThan(0.26 * 4 * HOUR_MS);
    state.busy.clear();
    await clock.advance(HOUR_MS / 4);
    expect(countOf("chat-phi-4")).toBeGreaterThan(0);
    await end();
  });

  it("a model that is away, or writes what no user would, costs nothing but its texts: it is asked again, ever more seldom", async () => {
    const { clock, state, logger, countOf, end } = setUp();
    state.isAway = true;
    await clock.advance(600_000);
    expect(countOf("chat-phi-4")).toBe(0);
    expect(state.asked.filter((id) => id === "chat-phi-4").length).toBe(4);
    expect(logger.lines.filter(({ level }) => level !== "debug")).toEqual([]);
    state.isAway = false;
    state.says = "As an AI, I type nothing.";
    await clock.advance(HOUR_MS);
    expect(countOf("chat-phi-4")).toBe(0);
    state.says = null;
    await clock.advance(HOUR_MS);
    expect(countOf("chat-phi-4")).toBe(5);
    await end();
  });

  it("forgets what another model wrote, and tasks that are switched off", async () => {
    const { clock, state, countOf, writer, end } = setUp();
    await clock.advance(HOUR_MS / 2);
    state.registry = changeRegistry(createRegistry(), { "chat-phi-4": { isEnabled: true, model: "microsoft/phi-5" } });
    await clock.advance(120_000);
    expect(countOf("chat-llama-3-1-8b")).toBe(0);
    const texts = writer.conversationsOf("chat-phi-4").map(({ turns }) => JSON.stringify(turns.map(({ request }) => request)));
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) expect(text).not.toContain("microsoft/phi-4");
    await end();
  });

  it("asks no model where none is to write", async () => {
    const { clock, state, end } = setUp({ perTask: 0 });
    await clock.advance(HOUR_MS);
    expect(state.asked).toEqual([]);
    await end();
  });
});
