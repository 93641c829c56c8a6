import { link, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createHotkeyFromUri, createMiner, type Logger, type Miner, ready, silentLogger } from "@vision/sdk";
import { createFakeBackend } from "@vision/sdk/testing";
import { capacityCommand } from "../commands/capacity-command.js";
import { answerControl } from "./answer-control.js";
import { type ControlServer, serveControl } from "./control-server.js";

let folder = "";
let socket = "";
let miner: Miner;
const open: ControlServer[] = [];

beforeEach(async () => {
  await ready();
  folder = await mkdtemp(join(tmpdir(), "vision-control-"));
  socket = join(folder, "miner.sock");
  miner = createMiner({
    hotkey: createHotkeyFromUri("//Alice"),
    tasks: {
      "chat-tiny": { capacityPerHour: 3_600 },
      "completion-tiny": { capacityPerHour: 7_200 },
      "image-tiny": { capacityPerHour: 60 },
    },
    pools: { gpu0: { tasks: { "chat-tiny": 0.75, "completion-tiny": 0.25 } } },
    backend: createFakeBackend(),
    logger: silentLogger,
  });
});

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function listen(logger: Logger = silentLogger): Promise<void> {
  open.push(await serveControl(socket, (asked) => answerControl(asked, { miner, logger })));
}

async function capacity(...given: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly notes: string }> {
  const wishes = { units: [] as string[], concurrency: [] as string[], fractions: [] as string[] };
  for (const each of given) {
    if (each.startsWith("slots ")) wishes.concurrency.push(each.slice(6));
    else if (each.startsWith("part ")) wishes.fractions.push(each.slice(5));
    else wishes.units.push(each);
  }
  let out = "";
  let notes = "";
  const print = (text: string) => {
    out += text;
  };
  const note = (text: string) => {
    notes += text;
  };
  const code = await capacityCommand({ socket }, { wishes, isJson: true }, { print, note });
  return { code, out, notes };
}

function send(method: string, path: string, body: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: socket, method, path }, async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      resolve({ status: response.statusCode ?? 0, body: text });
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

describe("the control socket", () => {
  it("is for the miner's own user alone", async () => {
    await listen();
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
  });

  it("tells the capacity in force, and changes what is named", async () => {
    await listen();
    const before = JSON.parse((await capacity()).out);
    expect(before.tasks["chat-tiny"]).toEqual({
      capacityPerHour: 3_600,
      declaredUnitsPerHour: 2_700,
      pool: "gpu0",
      concurrency: 8,
      inFlight: 0,
      isHealthy: true,
    });
    const { code, out } = await capacity("image-tiny=0", "chat-tiny=7200.5", "slots gpu0=3", "slots image-tiny=2", "part chat-tiny=0.5");
    expect(code).toBe(0);
    const after = JSON.parse(out);
    expect(after.tasks["chat-tiny"]).toMatchObject({ declaredUnitsPerHour: 3_600.25, concurrency: 3 });
    expect(after.tasks["completion-tiny"]).toMatchObject({ declaredUnitsPerHour: 1_800, concurrency: 3 });
    expect(after.tasks["image-tiny"]).toMatchObject({ declaredUnitsPerHour: 0, concurrency: 2 });
    expect(miner.getCapacity().pools["gpu0"]).toEqual({ tasks: { "chat-tiny": 0.5, "completion-tiny": 0.25 }, concurrency: 3 });
  });

  it("changes nothing where one thing is wrong, and says all that is", async () => {
    await listen();
    const before = miner.getCapacity();
    const refused = async (...given: readonly string[]) => {
      const { code, notes } = await capacity(...given);
      expect(code).toBe(2);
      expect(miner.getCapacity()).toEqual(before);
      return notes;
    };
    expect(await refused("image-tiny=5", "chat-tinny=5")).toContain("tasks.chat-tinny: is not served by this miner");
    expect(await refused("image-tiny=5", "part completion-tiny=0.5")).toContain("add up to 1.25");
    expect(await refused("chat-tiny=0")).toContain("whole machine");
    expect(await refused("image-tiny", "slots gpu7=1", "part image-tiny=1", "image-tiny=-1")).toMatch(
      /image-tiny is not NAME=NUMBER[\s\S]*image-tiny=-1 is not[\s\S]*gpu7 is neither[\s\S]*image-tiny is in no pool/,
    );
    expect(await refused("slots image-tiny=0")).toContain("tasks.image-tiny.concurrency");
    expect(await refused("slots chat-tiny=2")).toContain("pools.gpu0.concurrency");
  });

  it("answers what is no change of the capacity with a reason, and goes on", async () => {
    await listen();
    expect(await send("PATCH", "/v1/capacity", "{")).toEqual({ status: 400, body: '{"problems":["The body is no JSON."]}\n' });
    expect((await send("PATCH", "/v1/capacity", '{"listen":{}}')).status).toBe(400);
    expect((await send("PATCH", "/v1/capacity", "")).status).toBe(400);
    expect((await send("PATCH", "/v1/capacity", `"${"x".repeat(70_000)}"`)).status).toBe(413);
    expect((await send("PUT", "/v1/capacity", "{}")).status).toBe(405);
    expect((await send("GET", "/metrics", "")).status).toBe(404);
    expect((await send("PATCH", "/v1/capacity", '{"tasks":{"__proto__":{"capacityPerHour":1}}}')).status).not.toBe(500);
    expect((await capacity()).code).toBe(0);
  });

  it("an answer that failed ended the miner: it is told to who asked, and the next one is answered", async () => {
    const answers = [
      () => {
        throw new Error("no such pool");
      },
      // JSON has no such number.
      () => ({ status: 200, body: { units: 1n } }),
      () => ({ status: 200, body: "fine" }),
    ];
    open.push(await serveControl(socket, () => answers.shift()?.() ?? { status: 404, body: null }));
    expect(await send("GET", "/v1/capacity", "")).toEqual({
      status: 500,
      body: '{"problems":["The miner could not answer: Error: no such pool"]}\n',
    });
    expect(await send("GET", "/v1/capacity", "")).toMatchObject({ status: 500, body: expect.stringContaining("BigInt") });
    expect(await send("GET", "/v1/capacity", "")).toEqual({ status: 200, body: '"fine"\n' });
  });

  it("takes the place of a socket that a killed miner left, and of nothing else", async () => {
    const abandoned = createServer();
    await new Promise<void>((resolve) => abandoned.listen(join(folder, "other.sock"), resolve));
    // A hard end leaves the file: here it is kept under another name while its server closes.
    await link(join(folder, "other.sock"), socket);
    await new Promise<void>((resolve) => void abandoned.close(() => resolve()));
    await listen();
    expect((await capacity()).code).toBe(0);
    await expect(serveControl(socket, () => ({ status: 200, body: {} }))).rejects.toThrow("another program listens");
    const file = join(folder, "file");
    await writeFile(file, "kept");
    await expect(serveControl(file, () => ({ status: 200, body: {} }))).rejects.toThrow("is a file and no socket");
  });

  it("says who is not there", async () => {
    const { code, notes } = await capacity();
    expect(code).toBe(3);
    expect(notes).toContain(`No miner listens at ${socket}`);
  });
});
