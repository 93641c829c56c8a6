import { EventEmitter } from "node:events";
import { describe, expect, it } from "@jest/globals";
import { listenForStop } from "./stop-signals.js";

function start(state: { readonly channel?: NodeJS.Process["channel"]; readonly connected?: boolean } = {}) {
  const events = new EventEmitter();
  let now = 0;
  const from = Object.assign(events, state) as unknown as NodeJS.Process;
  const stop = listenForStop(from, { nowMs: () => now });
  return {
    ...stop,
    send: (name: string, atMs: number) => {
      now = atMs;
      events.emit(name);
    },
  };
}

describe("listenForStop", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"])("stops at the first %s and says by what", (name) => {
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

  it.each(["SIGINT", "SIGTERM", "SIGHUP"])("a %s later than a second insists", (name) => {
    const { signal, insisted, send } = start();
    send("SIGTERM", 0);
    send(name, 1_001);
    expect(insisted.aborted).toBe(true);
    expect(signal.reason).toEqual(new Error("stopped by SIGTERM"));
  });

  it("hands a hangup to who listens, as long as it was not told to stop", () => {
    const from = new EventEmitter();
    let isHeard = true;
    let hangups = 0;
    const onHangup = () => {
      hangups += 1;
      return isHeard;
    };
    const { signal } = listenForStop(from as unknown as NodeJS.Process, { onHangup });
    from.emit("SIGHUP");
    expect({ hangups, isStopped: signal.aborted }).toEqual({ hangups: 1, isStopped: false });
    isHeard = false;
    from.emit("SIGHUP");
    expect(signal.reason).toEqual(new Error("stopped by SIGHUP"));
    from.emit("SIGHUP");
    expect(hangups).toBe(2);
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
