import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { WebSocket } from "ws";
import { createDevnet, type Devnet } from "../src/index.js";

/** A client that speaks JSON-RPC by hand. */
async function open(url: string) {
  const socket = new WebSocket(url);
  const messages: unknown[] = [];
  const waiters: (() => void)[] = [];
  socket.on("message", (data) => {
    messages.push(JSON.parse(data.toString()));
    for (const wake of waiters.splice(0)) wake();
  });
  await new Promise((resolve) => socket.once("open", resolve));
  const next = async (): Promise<unknown> => {
    while (messages.length === 0) await new Promise<void>((resolve) => waiters.push(resolve));
    return messages.shift();
  };
  return { socket, next, send: (message: unknown) => socket.send(typeof message === "string" ? message : JSON.stringify(message)) };
}

describe("JSON-RPC", () => {
  let devnet: Devnet;
  let client: Awaited<ReturnType<typeof open>>;

  beforeAll(async () => {
    devnet = await createDevnet({ production: "manual" });
  });
  beforeEach(async () => {
    client = await open(devnet.url);
  });
  afterAll(async () => {
    await devnet.close();
  });

  const ask = async (method: string, ...params: readonly unknown[]): Promise<unknown> => {
    client.send({ jsonrpc: "2.0", id: 1, method, params });
    return client.next();
  };

  it("answers a batch in order, with a failure for each unknown method", async () => {
    client.send([
      { jsonrpc: "2.0", id: 7, method: "system_name", params: [] },
      { jsonrpc: "2.0", id: 8, method: "no_such", params: [] },
    ]);
    expect(await client.next()).toEqual([
      { jsonrpc: "2.0", id: 7, result: "vision-devnet" },
      { jsonrpc: "2.0", id: 8, error: { code: -32_601, message: "Method not found" } },
    ]);
  });

  it.each([
    ["{", -32_700],
    ["[]", -32_600],
    ['{"id":1}', -32_600],
    ['{"id":1,"method":"state_getStorage","params":["zz"]}', -32_602],
    ['{"id":1,"method":"state_call","params":["Core_none","0x"]}', 4003],
    ['{"id":1,"method":"chain_getHeader","params":[5]}', -32_602],
    ['{"id":1,"method":"author_submitExtrinsic","params":["0x0401020304"]}', 1002],
  ])("refuses %s with %i and lives on", async (text, code) => {
    client.send(text);
    expect(await client.next()).toMatchObject({ error: { code } });
    expect(await ask("system_chain")).toMatchObject({ result: "Vision devnet" });
  });

  it("tells subscribers of every new head, after the id of the subscription", async () => {
    const { result } = (await ask("chain_subscribeNewHeads")) as { readonly result: string };
    const notices: unknown[] = [await client.next()];
    devnet.produceBlocks(2);
    notices.push(await client.next(), await client.next());
    const { number } = devnet.chain.head.header;
    const expected = [number - 2, number - 1, number].map((each) => ({
      method: "chain_newHead",
      params: { subscription: result, result: { number: `0x${each.toString(16)}` } },
    }));
    expect(notices).toMatchObject(expected);
  });

  it("abandons blocks on dev_reorg and goes on with others", async () => {
    devnet.produceBlocks(5);
    const before = devnet.chain.head;
    await ask("dev_reorg", 2);
    expect(devnet.chain.head.header.number).toBe(before.header.number + 1);
    expect(devnet.chain.hashAt(before.header.number)).not.toBe(before.hash);
    expect(await ask("chain_getHeader", before.hash)).toMatchObject({ result: null });
  });

  it("moves the clock of the chain on dev_timeTravel", async () => {
    const before = devnet.chain.timeMs;
    await ask("dev_timeTravel", 3_600_000);
    devnet.produceBlock();
    expect(devnet.chain.timeMs).toBe(before + 3_600_000 + 1000);
  });

  it("writes storage on dev_setStorage, and shows the old in old blocks", async () => {
    const key = `0x${"ab".repeat(32)}01`;
    const old = devnet.chain.head.hash;
    devnet.produceBlock();
    await ask("dev_setStorage", [[key, "0x2a"]]);
    expect(await ask("state_getStorage", key)).toMatchObject({ result: "0x2a" });
    expect(await ask("state_getStorage", key, old)).toMatchObject({ result: null });
  });

  it("takes hex without 0x, which Python's client sends as the argument of runtime APIs", async () => {
    const withPrefix = await ask("state_call", "SubnetInfoRuntimeApi_get_dynamic_info", "0x0200");
    expect(await ask("state_call", "SubnetInfoRuntimeApi_get_dynamic_info", "0200")).toEqual(withPrefix);
    expect(withPrefix).toMatchObject({ result: expect.stringMatching(/^0x0108/) });
    expect(await ask("chain_getHeader", devnet.chain.head.hash.slice(2).toUpperCase())).toMatchObject({
      result: { parentHash: devnet.chain.head.header.parent_hash },
    });
  });

  it("cuts clients off on dev_forceDisconnect", async () => {
    const closed = new Promise((resolve) => client.socket.once("close", resolve));
    client.send({ jsonrpc: "2.0", id: 1, method: "dev_forceDisconnect", params: [] });
    await closed;
    expect(client.socket.readyState).toBe(WebSocket.CLOSED);
  });

  it("pages through keys in order", async () => {
    const first = (await ask("state_getKeysPaged", "0x", 3)) as { readonly result: readonly string[] };
    const second = (await ask("state_getKeysPaged", "0x", 3, first.result[2])) as { readonly result: readonly string[] };
    const all = (await ask("state_getKeys", "0x")) as { readonly result: readonly string[] };
    expect([...first.result, ...second.result]).toEqual(all.result.slice(0, 6));
  });
});
