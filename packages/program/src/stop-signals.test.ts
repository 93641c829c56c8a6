import { EventEmitter } from "node:events";
import { describe, expect, it } from "@jest/globals";
import { listenForStop } from "./stop-signals.js";

type Given = {
  readonly channel?: NodeJS.Process["channel"];
  readonly connected?: boolean;
  /** Null for a program without a terminal. */
  readonly terminal?: { isGone: boolean } | null;
};

function start({ terminal = null, ...state }: Given = {}) {
  const events = new EventEmitter();
  let now = 0;
  let rereads = 0;
  const waiting: (() => void)[] = [];
  const from = Object.assign(events, state) as unknown as NodeJS.Process;
  const stop = listenForStop(from, {
    nowMs: () => now,
    onReread: () => {
      rereads += 1;
    },
    terminal: { isThere: terminal !== null, isGone: () => terminal?.isGone ?? false },
    later: (work) => waiting.push(work),
  });
  return {
    ...stop,
    getRereads: () => rereads,
    passTime: () => {
      for (const work of waiting.splice(0)) work();
    },
    send: (name: string, atMs: number) => {
      now = atMs;
      events.emit(name);
    },
  };
}

describe("listenForStop", () => {
  // Node.js warns of an eleventh listener: a line in the middle of the log that is none of the program's.
  it("lets any number of requests under way listen for the end", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on("warning", note);
    const { signal } = start();
    for (let request = 0; request < 20; request += 1) signal.addEventListener("abort", () => request);
    await new Promise(setImmediate);
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });

  it.each(["SIGINT", "SIGTERM"])("stops at the first %s and says by what", (name) => {
    const { signal, insisted, send } = start();
    expect(signal.aborted).toBe(false);
    send(name, 5);
    expect(signal.reason).toEqual(new Error(`stopped by ${name}`));
    expect(insisted.aborted).toBe(false);
  });

  it("a Ctrl-C that reached the miner directly and through its starter cut off what was under way: within a second it is one wish", () => {
    const { insisted, send } = start();
    send("SIGINT", 0);
    send("SIGINT", 3);
    send("SIGTERM", 1_000);
    expect(insisted.aborted).toBe(false);
  });

  it.each(["SIGINT", "SIGTERM"])("a %s later than a second insists", (name) => {
    const { signal, insisted, send } = start();
    send("SIGTERM", 0);
    send(name, 1_001);
    expect(insisted.aborted).toBe(true);
    expect(signal.reason).toEqual(new Error("stopped by SIGTERM"));
  });

  it("stops when its terminal is closed, and a second hang-up of the same is not insisting", () => {
    const { signal, insisted, getRereads, send } = start({ terminal: { isGone: true } });
    send("SIGHUP", 0);
    expect(signal.reason).toEqual(new Error("stopped by SIGHUP"));
    send("SIGHUP", 5_000);
    expect({ isInsisted: insisted.aborted, rereads: getRereads() }).toEqual({ isInsisted: false, rereads: 0 });
  });

  it("a SIGHUP that somebody sent stopped a validator at a terminal: while the terminal is there it asks to read settings again", () => {
    const { signal, getRereads, send, passTime } = start({ terminal: { isGone: false } });
    send("SIGHUP", 0);
    send("SIGHUP", 1);
    passTime();
    expect({ isStopped: signal.aborted, rereads: getRereads() }).toEqual({ isStopped: false, rereads: 2 });
  });

  it("stops where the terminal told of its end just before it ended", () => {
    const terminal = { isGone: false };
    const { signal, send, passTime } = start({ terminal });
    send("SIGHUP", 0);
    terminal.isGone = true;
    passTime();
    expect(signal.reason).toEqual(new Error("stopped by SIGHUP"));
  });

  it("without a terminal, reads settings again, and not any more once it was told to stop", () => {
    const { signal, getRereads, send } = start();
    send("SIGHUP", 0);
    expect({ isStopped: signal.aborted, rereads: getRereads() }).toEqual({ isStopped: false, rereads: 1 });
    send("SIGTERM", 1);
    send("SIGHUP", 2);
    expect(getRereads()).toBe(1);
  });

  it("a service was stopped by a reload while it started, or by nohup's hang-up: where nobody listens, nothing happens", () => {
    const from = new EventEmitter();
    const terminal = { isThere: false, isGone: () => false };
    const { signal } = listenForStop(from as unknown as NodeJS.Process, { terminal });
    from.emit("SIGHUP");
    expect(signal.aborted).toBe(false);
  });

  it("stops when the program that started it ends, and does not take that for insisting", () => {
    const { signal, insisted, send } = start({ channel: {} as NodeJS.Process["channel"], connected: true });
    send("disconnect", 0);
    expect(signal.reason).toEqual(new Error("the program that started this one is gone"));
    expect(insisted.aborted).toBe(false);
  });

  it("a validator whose starter was gone before it listened ran for ever: it stops at once", () => {
    expect(start({ connected: false }).signal.aborted).toBe(true);
  });
});
