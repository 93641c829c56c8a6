import { describe, expect, it } from "@jest/globals";
import { createRegistry, getFamily, type Task } from "@vision/protocol";
import { createSeededRandom } from "@vision/scoring/probing";
import { drawHabits } from "./habits.js";
import { groupConversations } from "./shared-conversations.js";
import { createSyntheticSource } from "./synthetic-source.js";

const registry = createRegistry();
const habits = drawHabits(createSeededRandom("habits", []));
type Input = Parameters<typeof createSyntheticSource>[0];

function taskOf(id: string): Task {
  const task = registry.get(id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return task;
}

/** What is due, or else a first request. */
const drawFrom = (source: ReturnType<typeof createSyntheticSource>, maxUnits: number) =>
  source.drawDue(maxUnits) ?? source.drawFirst(maxUnits);

/** A source whose requests are drawn one a minute and answered at once, each in its own words. */
function createAsked(input: Omit<Input, "nowMs">) {
  let [nowMs, answers] = [0, 0];
  const source = createSyntheticSource({ ...input, nowMs: () => nowMs });
  return {
    draw(maxUnits: number) {
      nowMs += 60_000;
      const { request, onAnswered } = drawFrom(source, maxUnits);
      answers += 1;
      onAnswered?.(`answer ${answers}`);
      return request;
    },
  };
}

const drawMany = (id: string, count: number, maxUnits = 1e6) => {
  const source = createAsked({ task: taskOf(id), random: createSeededRandom("source", [id]), habits });
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
      const said = drawn.map(without);
      const repeated = drawn.filter((_, index) => said.slice(0, index).includes(said[index] ?? ""));
      expect({ id, greedy: repeated.filter(({ temperature }) => temperature === 0).length }).toEqual({ id, greedy: 0 });
      expect({ id, doesRepeat: repeated.length > 10 }).toEqual({ id, doesRepeat: id !== "embedding-tiny" });
    }
  });

  it("conversations come back with the miner's answer and one more turn, as far as they fit", () => {
    for (const id of ["chat-tiny", "chat-llama-3-1-8b"]) {
      const drawn = drawMany(id, 1_000).map((request) => request["messages"] as Messages);
      const bodies = drawn.map((messages) => JSON.stringify(messages));
      const grown = drawn.filter((messages, index) => {
        const asked = bodies.slice(0, index).lastIndexOf(JSON.stringify(messages.slice(0, -2)));
        const answer = JSON.stringify(messages.at(-2)?.content ?? "");
        return asked >= 0 && answer.includes(`answer ${asked + 1}"`);
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
    const limits = drawMany("chat-llama-3-1-8b", 1_200).map((request) =>
      Number(request["max_tokens"] ?? request["max_completion_tokens"] ?? 0),
    );
    for (const usual of [5, 100, 256, 1_024, 2_048, 4_096]) {
      expect({ usual, isDrawn: limits.includes(usual) }).toEqual({ usual, isDrawn: true });
    }
    expect(new Set(limits).size).toBeGreaterThan(80);
  });

  describe("where users share their requests", () => {
    const task = taskOf("chat-llama-3-1-8b");
    const user = (content: string) => ({ role: "user", content });
    const request = (messages: readonly object[], changes: object = {}) => ({ messages, temperature: 0.3, max_tokens: 77, ...changes });
    const shared = Array.from({ length: 200 }, (_, index) => {
      const asked = user(`Question ${1_000 + index} of Alice`);
      const more = [asked, { role: "assistant", content: "Well." }, user("And then?")];
      return [request([asked]), ...(index % 2 === 0 ? [request(more)] : [])];
    }).flat();
    const conversations = groupConversations(shared.map((each) => ({ hotkeys: [], request: each })));
    const sourceOf = (changes: Partial<Omit<Input, "nowMs">> = {}) =>
      createAsked({
        ...{ task, random: createSeededRandom("source", ["shared"]), habits },
        shared: { conversations, hotkey: "alice" },
        ...changes,
      });
    const isTheirs = (drawn: Readonly<Record<string, unknown>>) => drawn["max_tokens"] === 77 && drawn["temperature"] === 0.3;
    const textOf = (drawn: Readonly<Record<string, unknown>>) => JSON.stringify(drawn["messages"]);

    it("nearly all are theirs, with other names and numbers, and some are made up all the same", () => {
      const source = sourceOf();
      const drawn = Array.from({ length: 600 }, () => source.draw(1e6));
      const theirs = drawn.filter(isTheirs);
      expect(theirs.length / drawn.length).toBeGreaterThan(0.88);
      expect(theirs.length).toBeLessThan(drawn.length);
      const originals = new Set(shared.map(textOf));
      expect(theirs.filter((each) => originals.has(textOf(each))).length).toBeLessThan(theirs.length * 0.02);
      expect(theirs.every((each) => /Question [1-9]\d{3} of [A-Z][a-z]+/.test(textOf(each)))).toBe(true);
      expect(drawn.every((each) => each["model"] === task.id)).toBe(true);
    });

    it("plays a conversation from its first turn to its last, under one disguise", () => {
      const source = sourceOf();
      const drawn = Array.from({ length: 600 }, () => source.draw(1e6)).filter(isTheirs);
      const second = drawn.filter((each) => textOf(each).includes("And then?"));
      expect(second.length).toBeGreaterThan(100);
      for (const each of second) {
        const [asked] = each["messages"] as readonly object[];
        expect(drawn.slice(0, drawn.indexOf(each)).some((before) => textOf(before) === JSON.stringify([asked]))).toBe(true);
      }
    });

    describe("a conversation", () => {
      const assistant = (content: unknown, more: object = {}) => ({ role: "assistant", content, ...more });
      type Sent = { readonly atMs?: number; readonly messages: readonly object[] };
      /** A source of one conversation, drawn from by hand. */
      function startOne(turns: readonly Sent[]) {
        const clock = { nowMs: 0 };
        const one = groupConversations(turns.map(({ messages, ...time }) => ({ hotkeys: ["alice"], request: request(messages), ...time })));
        expect(one).toHaveLength(1);
        const source = createSyntheticSource({
          ...{ task, random: createSeededRandom("source", ["one"]), habits, nowMs: () => clock.nowMs },
          shared: { conversations: one, hotkey: "bob" },
        });
        /** Until a request of the conversation with so many messages is drawn; null where none is. */
        const drawTurn = (length: number) => {
          for (let tried = 0; tried < 60; tried += 1) {
            const drawn = drawFrom(source, 1e6);
            const { messages } = drawn.request as { readonly messages: Messages };
            if (isTheirs(drawn.request) && messages.length === length) return { ...drawn, messages };
          }
          return null;
        };
        return { clock, drawTurn };
      }
      const [hello, more] = [user("Hello, it is 1234"), user("More")];

      it("regression: went on with another answer than the miner's, and told it so who asks", () => {
        const { clock, drawTurn } = startOne([{ messages: [hello] }, { messages: [hello, assistant("Somebody's."), more] }]);
        drawTurn(1)?.onAnswered?.("My own.");
        clock.nowMs = 1e6;
        expect(drawTurn(3)?.messages.map(({ content }) => content)).toEqual([expect.stringMatching(/^Hello, it is/), "My own.", "More"]);
      });

      it("goes on when its user did, and not before the answer is there", () => {
        const { clock, drawTurn } = startOne([
          { atMs: 1_000, messages: [hello] },
          { atMs: 21_000, messages: [hello, assistant("Somebody's."), more] },
        ]);
        const first = drawTurn(1);
        clock.nowMs = 19_999;
        expect(drawTurn(3)).toBeNull();
        clock.nowMs = 60_000;
        expect(drawTurn(3)).toBeNull();
        expect(first?.nextDueMs).toBeNull();
        // At once: it was to be 20 s after the first.
        expect(first?.onAnswered?.("Late.")).toBe(60_000);
        expect(drawTurn(3)?.messages[1]?.content).toBe("Late.");
      });

      it("that nobody answered does not go on; the same again needs no answer", () => {
        const again = startOne([
          { atMs: 0, messages: [hello] },
          { atMs: 30, messages: [hello] },
        ]);
        const first = again.drawTurn(1);
        expect(first).toMatchObject({ onAnswered: null, nextDueMs: 30 });
        again.clock.nowMs = 30;
        expect(again.drawTurn(1)?.messages).toEqual(first?.messages);
      });

      it("keeps calls of tools as they were, and lists of parts as lists", () => {
        const calls = assistant(null, { tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }] });
        const result = { role: "tool", tool_call_id: "a", content: "5" };
        const tools = startOne([{ messages: [hello] }, { messages: [hello, calls, result] }]);
        tools.drawTurn(1)?.onAnswered?.("Mine.");
        tools.clock.nowMs = 1e6;
        expect(tools.drawTurn(3)?.messages[1]).toEqual(calls);
        const parts = startOne([{ messages: [hello] }, { messages: [hello, assistant([{ type: "text", text: "Hi" }]), more] }]);
        parts.drawTurn(1)?.onAnswered?.("Mine.");
        parts.clock.nowMs = 1e6;
        expect(parts.drawTurn(3)?.messages[1]).toEqual(assistant([{ type: "text", text: "Mine." }]));
      });

      it("ends where an answer is so long that it no longer fits the model", () => {
        const { clock, drawTurn } = startOne([{ messages: [hello] }, { messages: [hello, assistant("Hi"), more] }]);
        // A token for each byte, at worst.
        drawTurn(1)?.onAnswered?.("\u{1f9ed}".repeat((task.contextTokens ?? Number.NaN) / 4));
        clock.nowMs = 1e6;
        expect(drawTurn(3)).toBeNull();
      });
    });

    describe("or the task's own model writes", () => {
      const written = groupConversations(
        Array.from({ length: 100 }, (_, index) => ({
          hotkeys: [],
          request: request([user(`written, ${"x".repeat(index)}`)], { max_tokens: 78 }),
        })),
      );
      const isWritten = (drawn: Readonly<Record<string, unknown>>) => textOf(drawn).includes("written, x");
      const drawWith = (count: number, changes: Partial<Omit<Input, "nowMs">>) => {
        const source = sourceOf({ written: { conversationsNow: () => written, hotkey: "alice" }, ...changes });
        return Array.from({ length: count }, () => source.draw(1e6));
      };

      it("what nobody shares is nearly all written, and some is made up all the same", () => {
        const drawn = drawWith(60, { shared: { conversations: [], hotkey: "alice" } });
        expect(drawn.filter(isWritten).length).toBeGreaterThan(48);
        expect(drawn.filter(isWritten).length).toBeLessThan(60);
        const withUsers = drawWith(400, { written: { conversationsNow: () => written, hotkey: "bob" } });
        expect(withUsers.filter(isTheirs).length).toBeGreaterThan(340);
        expect(withUsers.filter(isWritten).length).toBeGreaterThan(5);
      });

      it("no miner is sent the same twice, and what fewest of them know comes first", () => {
        const texts = drawWith(400, {
          shared: { conversations: [], hotkey: "carol" },
          written: { conversationsNow: () => written, hotkey: "carol" },
        });
        const sent = texts.filter(isWritten).map(textOf);
        expect(sent.length).toBeGreaterThan(70);
        expect(new Set(sent).size).toBe(sent.length);
        const [fresh, worn] = [groupConversations([{ hotkeys: [], request: request([user("fresh")]) }]), written.slice(0, 9)];
        for (const each of worn) for (const hotkey of ["one", "two", "three"]) each.knownBy.add(hotkey);
        let firsts = 0;
        for (let index = 0; index < 100; index += 1) {
          const hotkey = `miner ${index}`;
          const source = sourceOf({
            random: createSeededRandom("fresh", [index]),
            shared: { conversations: [], hotkey },
            written: { conversationsNow: () => [...fresh, ...worn], hotkey },
          });
          if (textOf(source.draw(1e6)).includes("fresh")) firsts += 1;
          fresh[0]?.knownBy.clear();
        }
        // One of ten by chance.
        expect(firsts).toBeGreaterThan(17);
      });

      it("regression: one that was written first and long was as long at every miner: settings are drawn when it is sent, and fit", () => {
        const turns = [[user("Hi 1234")], [user("Hi 1234"), { role: "assistant", content: "Hello" }, user("And then?")]];
        const one = groupConversations(turns.map((messages) => ({ hotkeys: [], request: { messages } })));
        let turnsPlayed = 0;
        const drawAt = (hotkey: string) => {
          const source = createAsked({
            ...{ task, random: createSeededRandom("settings", [hotkey]), habits },
            written: { conversationsNow: () => one, hotkey },
          });
          const drawn = Array.from({ length: 20 }, () => source.draw(500));
          const played = drawn.filter((each) => textOf(each).includes('"Hi '));
          const settingsOf = ({ messages: _, seed: __, ...settings }: Readonly<Record<string, unknown>>) => settings;
          const [first] = played;
          const then = played.find((each) => textOf(each).includes("And then?"));
          // All of a conversation asks for the same, but each turn with a seed of its own.
          turnsPlayed += then === undefined ? 0 : 1;
          if (then !== undefined)
            expect(played.filter((each) => !textOf(each).includes("And then?")).map(settingsOf)).toContainEqual(settingsOf(then));
          expect(new Set(played.map(({ seed }) => seed)).size).toBe(played.length);
          return settingsOf(first ?? {});
        };
        const settings = Array.from({ length: 30 }, (_, index) => drawAt(`miner ${index}`));
        expect(new Set(settings.map((each) => JSON.stringify(each))).size).toBeGreaterThan(20);
        const limits = settings.map((each) => Number(each["max_tokens"] ?? each["max_completion_tokens"] ?? 0));
        expect(Math.max(...limits)).toBeLessThanOrEqual(500);
        expect(new Set(limits).size).toBeGreaterThan(10);
        expect(turnsPlayed).toBeGreaterThan(20);
      });

      it("draws from what is written meanwhile", () => {
        let now: typeof written = [];
        const source = sourceOf({
          shared: { conversations: [], hotkey: "dave" },
          written: { conversationsNow: () => now, hotkey: "dave" },
        });
        const draw = () => Array.from({ length: 20 }, () => source.draw(1e6)).filter(isWritten).length;
        expect(draw()).toBe(0);
        now = written;
        expect(draw()).toBeGreaterThan(10);
      });
    });

    it("never sends a miner again what it may know word by word", () => {
      const plain = groupConversations([{ hotkeys: [], request: request([user("no name, no number")], { temperature: 0 }) }]);
      const source = sourceOf({ shared: { conversations: plain, hotkey: "alice" } });
      const drawn = Array.from({ length: 200 }, () => source.draw(1e6));
      expect(drawn.filter(isTheirs).length + drawn.filter((each) => textOf(each).includes("no name")).length).toBe(1);
      expect(plain.map(({ knownBy }) => [...knownBy])).toEqual([["alice"]]);
    });

    it("keeps the seeds that programs name, and draws those anew that were drawn for a user", () => {
      const seeds = [42, 2 ** 40].map((seed) => ({ hotkeys: [], request: request([user(`Number ${seed}`)], { seed }) }));
      const source = sourceOf({ shared: { conversations: groupConversations(seeds), hotkey: "alice" } });
      const drawn = Array.from({ length: 100 }, () => source.draw(1e6)).filter(isTheirs);
      expect(new Set(drawn.map(({ seed }) => seed === 42))).toEqual(new Set([true, false]));
      expect(drawn.some(({ seed }) => seed === 2 ** 40)).toBe(false);
    });

    it("takes none that asks for more than there is room for, nor any that the task's schema refuses", () => {
      const source = sourceOf();
      const family = getFamily(task.family);
      const drawn = Array.from({ length: 50 }, () => source.draw(40));
      expect(drawn.some(isTheirs)).toBe(false);
      expect(drawn.every((each) => family.maxWorkUnits(family.requestSchema.parse(each)) <= 40)).toBe(true);
      const broken = groupConversations([{ hotkeys: [], request: { messages: "none" } }]);
      expect(
        getFamily(task.family).requestSchema.safeParse(sourceOf({ shared: { conversations: broken, hotkey: "alice" } }).draw(100)).success,
      ).toBe(true);
    });
  });
});
