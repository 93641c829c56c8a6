import { describe, expect, it } from "@jest/globals";
import type { AnswerPart } from "@vision/protocol";
import { settle } from "../testing/manual-clock.js";
import { createOutbox } from "./outbox.js";

const text = (value: string): readonly AnswerPart[] => [{ kind: "text", text: value }];

function setUp() {
  const sent: string[] = [];
  const outbox = createOutbox((events) =>
    sent.push(events.map(([part]) => (part?.kind === "text" ? part.text.slice(0, 8) : "")).join("|")),
  );
  return { sent, outbox };
}

describe("createOutbox", () => {
  it("sends what is there at once, and what comes meanwhile together and in order", async () => {
    const { sent, outbox } = setUp();
    for (const each of ["a", "b", "c"]) await outbox.add(text(each));
    expect(sent).toEqual(["a"]);
    outbox.taken();
    await outbox.add(text("d"));
    expect(sent).toEqual(["a", "b|c"]);
    outbox.taken();
    outbox.taken();
    expect(outbox.rest()).toEqual([]);
    expect(sent).toEqual(["a", "b|c", "d"]);
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
    ["events", "x", 65],
    ["characters", "y".repeat(300_000), 2],
  ])("holds a miner back that runs ahead of a slow user by more than a bound of %s", async (_what, value, count) => {
    const { outbox } = setUp();
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
    const { outbox } = setUp();
    for (let event = 1; event < 65; event += 1) await outbox.add(text("x"));
    const waiting = [outbox.add(text("x")), outbox.add(text("x"))];
    outbox.fail(new Error("gone"));
    for (const each of [...waiting, outbox.add(text("x"))]) await expect(each).rejects.toThrow("gone");
  });
});
