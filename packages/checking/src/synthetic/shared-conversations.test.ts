import { describe, expect, it } from "@jest/globals";
import { groupConversations, type SharedRequest } from "./shared-conversations.js";

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });
const chat = (...messages: readonly object[]): SharedRequest => ({ hotkeys: [], request: { messages } });
const turnsOf = (shared: readonly SharedRequest[]) =>
  groupConversations(shared).map(({ turns }) => turns.map(({ request }) => shared.findIndex((each) => each.request === request)));

describe("groupConversations", () => {
  it("puts together what goes on from one another, whatever came between", () => {
    const [first, other] = [user("Hello"), user("Good morning")];
    const shared = [
      chat(first),
      chat(other),
      chat(first, assistant("Hi!"), user("More")),
      chat(other, assistant("Hi!"), user("Less")),
      chat(first, assistant("Hi!"), user("More"), assistant("Yes."), user("Thanks")),
    ];
    expect(turnsOf(shared)).toEqual([
      [0, 2, 4],
      [1, 3],
    ]);
  });

  it("puts together what is the same again, and what has another text apart", () => {
    const prompt = (text: string): SharedRequest => ({ hotkeys: [], request: { prompt: text, temperature: 0.5 } });
    expect(turnsOf([prompt("a"), prompt("b"), prompt("a")])).toEqual([[0, 2], [1]]);
    // A conversation whose beginning was not shared.
    expect(turnsOf([chat(user("x"), assistant("y"), user("z")), chat(user("x!"))])).toEqual([[0], [1]]);
  });

  it("tells how long after the one before each was sent, where that is known", () => {
    const turn = (atMs: number | null, ...messages: readonly object[]) => ({ ...chat(...messages), ...(atMs === null ? {} : { atMs }) });
    const waits = (...times: readonly (number | null)[]) => {
      const said = [user("Hello"), assistant("Hi!"), user("More"), assistant("Yes."), user("Thanks")];
      const shared = times.map((atMs, index) => turn(atMs, ...said.slice(0, 2 * index + 1)));
      return groupConversations(shared).map(({ turns }) => turns.map(({ waitMs }) => waitMs));
    };
    expect(waits(1_000, 9_000, 8_500)).toEqual([[0, 8_000, 0]]);
    expect(waits(null, 9_000, 9_500)).toEqual([[0, null, 500]]);
  });

  it("tells who has seen any of it", () => {
    const first = chat(user("Hello"));
    const seen = [
      { ...first, hotkeys: ["a"] },
      { ...first, hotkeys: ["b", "a"] },
    ];
    expect([...(groupConversations(seen)[0]?.knownBy ?? [])]).toEqual(["a", "b"]);
  });

  it("knows a conversation again when it is read again, by a short mark", () => {
    const read = () => groupConversations([chat(user("Hello ".repeat(1_000))), chat(user("Bye"))]).map(({ id }) => id);
    expect(read()).toEqual(read());
    expect(new Set(read()).size).toBe(2);
    expect(read()[0]?.length).toBeLessThan(64);
  });
});
