import { describe, expect, it } from "@jest/globals";
import type { AnswerPart } from "@vision/protocol";
import { settle } from "../testing/manual-clock.js";
import { createOutbox } from "./outbox.js";

const text = (value: string): readonly AnswerPart[] => [{ kind: "text", text: value }];

/** An outbox and what it sent; a message that it wants to be told of ends with a question mark. */
function setUp() {
  const sent: string[] = [];
  const outbox = createOutbox((events, isTakenTold) =>
    sent.push(events.map(([part]) => (part?.kind === "text" ? part.text.slice(0, 8) : "")).join("|") + (isTakenTold ? "?" : "")),
  );
  return { sent, outbox };
}

/** Fills what may be under way with small messages: the next one waits. */
async function fill({ sent, outbox }: ReturnType<typeof setUp>) {
  for (const each of "12345678") await outbox.add(text(each));
  expect(sent.splice(0)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8?"]);
}

describe("createOutbox", () => {
  it("sends what is there at once, waits for every eighth to be taken, and sends what comes meanwhile together and in order", async () => {
    const set = setUp();
    const { sent, outbox } = set;
    await fill(set);
    for (const each of ["a", "b"]) await outbox.add(text(each));
    expect(sent).toEqual([]);
    outbox.taken();
    expect(sent.splice(0)).toEqual(["a|b"]);
    for (const each of "2345678") await outbox.add(text(each));
    await outbox.add(text("c"));
    expect(sent.splice(0)).toEqual(["2", "3", "4", "5", "6", "7", "8?"]);
    outbox.taken();
    expect(outbox.rest()).toEqual([]);
    expect(sent).toEqual(["c"]);
  });

  it("waits for a large message whenever it comes", async () => {
    const { sent, outbox } = setUp();
    const large = "y".repeat(8 * 1024);
    for (const each of ["a", large, "b"]) await outbox.add(text(each));
    expect(sent).toEqual(["a", "yyyyyyyy?"]);
    outbox.taken();
    expect(sent).toEqual(["a", "yyyyyyyy?", "b"]);
  });

  it("sends a burst as one message where it may wait for all of it, and leaves to the result what was not sent yet", async () => {
    const sent: number[] = [];
    const soon: (() => void)[] = [];
    const outbox = createOutbox(
      (events) => sent.push(events.length),
      (flush) => soon.push(flush),
    );
    for (const each of ["a", "b", "c"]) await outbox.add(text(each));
    for (const flush of soon.splice(0)) flush();
    expect(sent).toEqual([3]);
    await outbox.add(text("d"));
    expect(outbox.rest()).toEqual([text("d")]);
    outbox.taken();
    expect(sent).toEqual([3]);
    for (let event = 1; event <= 64; event += 1) await outbox.add(text("x"));
    expect(sent).toEqual([3, 64]);
  });

  it.each([
    ["events", "x", 64],
    ["characters", "y".repeat(300_000), 1],
  ])("holds a miner back that runs ahead of a slow user by more than a bound of %s", async (_what, value, count) => {
    const set = setUp();
    const { outbox } = set;
    await fill(set);
    for (let event = 1; event < count; event += 1) await outbox.add(text(value));
    let isTaken = false;
    const last = outbox.add(text(value)).then(() => {
      isTaken = true;
    });
    await settle();
    expect(isTaken).toBe(false);
    outbox.taken();
    await last;
  });

  it("rejects once nobody takes parts any more, also whoever waits", async () => {
    const set = setUp();
    const { outbox } = set;
    await fill(set);
    for (let event = 1; event < 64; event += 1) await outbox.add(text("x"));
    const waiting = [outbox.add(text("x")), outbox.add(text("x"))];
    outbox.fail(new Error("gone"));
    for (const each of [...waiting, outbox.add(text("x"))]) await expect(each).rejects.toThrow("gone");
  });
});
