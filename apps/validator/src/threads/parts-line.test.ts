import type { MessagePort } from "node:worker_threads";
import { afterEach, describe, expect, it } from "@jest/globals";
import { createPartsLine } from "./parts-line.js";

const given: { readonly to: string; readonly port: MessagePort }[] = [];
const giveTo = (to: string) => (port: MessagePort) => void given.push({ to, port });
afterEach(() => {
  for (const { port } of given.splice(0)) port.close();
});

describe("createPartsLine", () => {
  it("is laid once both threads work, and anew when either is started again", () => {
    const { gateway, prober } = createPartsLine();
    const laid = () => [gateway.isLaid(), prober.isLaid(), given.map(({ to }) => to).join(" ")];
    gateway.onReady(giveTo("gateway"));
    expect(laid()).toEqual([false, false, ""]);
    prober.onReady(giveTo("prober"));
    expect(laid()).toEqual([true, true, "gateway prober"]);
    prober.onEnded();
    expect(laid()).toEqual([false, false, "gateway prober"]);
    prober.onReady(giveTo("prober2"));
    expect(laid()).toEqual([true, true, "gateway prober gateway prober2"]);
    gateway.onEnded();
    gateway.onReady(giveTo("gateway2"));
    expect(laid()).toEqual([true, true, "gateway prober gateway prober2 gateway2 prober2"]);
  });

  it("leads from the one to the other", async () => {
    const { gateway, prober } = createPartsLine();
    prober.onReady(giveTo("prober"));
    gateway.onReady(giveTo("gateway"));
    const [one, other] = given.map(({ port }) => port);
    const came = new Promise((resolve) => other?.once("message", resolve));
    one?.postMessage("hello");
    expect(await came).toBe("hello");
  });
});
