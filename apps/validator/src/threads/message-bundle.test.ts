import { MessageChannel } from "node:worker_threads";
import { describe, expect, it } from "@jest/globals";
import { createMessageBundle, eachMessage } from "./message-bundle.js";

/** The end of this turn of the loop, after what was to happen at it. */
const turnEnds = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp() {
  const posted: string[] = [];
  const bundle = createMessageBundle<string>((messages, ports) => posted.push(messages.join(" ") + "!".repeat(ports.length)));
  return { posted, bundle };
}

describe("createMessageBundle", () => {
  it("sends what is told in one turn together and in order, and nothing where nothing is told", async () => {
    const { posted, bundle } = setUp();
    bundle.add("a");
    await Promise.resolve();
    bundle.add("b");
    expect(posted).toEqual([]);
    await turnEnds();
    expect(posted).toEqual(["a b"]);
    await turnEnds();
    bundle.flush();
    expect(posted).toEqual(["a b"]);
    bundle.add("c");
    await turnEnds();
    expect(posted).toEqual(["a b", "c"]);
  });

  it("lets the first go before a long turn ends: after sixteen, and after a millisecond", async () => {
    const { posted, bundle } = setUp();
    for (let index = 0; index < 16; index += 1) bundle.add(index.toString(16));
    expect(posted.splice(0)).toEqual(["0 1 2 3 4 5 6 7 8 9 a b c d e f"]);
    bundle.add("x");
    const startedAtMs = performance.now();
    while (performance.now() - startedAtMs < 2);
    bundle.add("y");
    expect(posted.splice(0)).toEqual(["x y"]);
    bundle.add("z");
    await turnEnds();
    expect(posted).toEqual(["z"]);
  });

  it("keeps the order where something goes now, with its ports", async () => {
    const { posted, bundle } = setUp();
    const { port1, port2 } = new MessageChannel();
    bundle.add("a");
    bundle.send("line", [port1]);
    bundle.add("b");
    bundle.flush();
    await turnEnds();
    expect(posted).toEqual(["a line!", "b"]);
    port2.close();
  });

  it("is taken apart at the other end", async () => {
    const { port1, port2 } = new MessageChannel();
    const bundle = createMessageBundle<number>((messages) => port1.postMessage(messages));
    const seen: number[] = [];
    const all = new Promise<void>((resolve) =>
      port2.on(
        "message",
        eachMessage((message: number) => {
          seen.push(message);
          if (message === 3) resolve();
        }),
      ),
    );
    for (const each of [1, 2, 3]) bundle.add(each);
    await all;
    expect(seen).toEqual([1, 2, 3]);
    port1.close();
  });
});
