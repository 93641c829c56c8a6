import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { readTaskSettings, type TaskBase, type TaskSettings } from "../config/index.js";
import { createManualClock, settle } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createTasksFileWatch } from "./tasks-file-watch.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vision-tasks-"));
});
let ended = new AbortController();
afterEach(() => ended.abort());
afterEach(() => rm(folder, { recursive: true, force: true }));

const vllm = { kind: "vllm", url: "http://127.0.0.1:8000/v1", model: "llama", tasks: ["chat-llama-3-1-8b"] };
const base: TaskBase = { registry: createRegistry(), references: [], taskWeights: { shares: {} } };

async function setUp(given: TaskBase = base) {
  const path = join(folder, "tasks.json");
  const initial = await readTaskSettings(path, given);
  if (initial.kind !== "read") throw new Error("the file is refused from the beginning");
  const clock = createManualClock();
  const logger = recordingLogger();
  const taken: TaskSettings[] = [];
  const watch = createTasksFileWatch(
    { path, base: given, initial: initial.settings },
    { onTaken: (settings) => taken.push(settings), clock, logger },
  );
  const stop = new AbortController();
  ended = stop;
  const running = watch.run(stop.signal).catch(() => undefined);
  let toldLines = 0;
  const told = () => {
    const lines = logger.lines.slice(toldLines);
    toldLines = logger.lines.length;
    return lines.map(({ level, message, facts }) => ({ level, message, ...facts }));
  };
  /** Reads are real: waits for what is told of one, while time passes. */
  const untilTold = async () => {
    while (logger.lines.length === toldLines && !stop.signal.aborted) await clock.advance(5_000);
    return told();
  };
  /** Reads are real: a look of its own that is still under way would tell of what is written meanwhile, too. */
  const untilAsleep = async () => {
    while (clock.sleepers() === 0 && !stop.signal.aborted) await settle();
  };
  return {
    watch,
    clock,
    taken,
    told,
    async write(content: unknown) {
      await untilAsleep();
      await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
      await watch.look();
      return told();
    },
    untilTold,
    path,
    async end() {
      stop.abort();
      await running;
    },
  };
}

describe("createTasksFileWatch", () => {
  it("offers what the file says as a whole, and hands it on when it is taken up", async () => {
    const { watch, write, taken, told, end } = await setUp();
    expect(watch.next()).toBeNull();
    const lines = await write({
      tasks: { "chat-llama-3-1-8b": { isEnabled: true }, "image-tiny": null, "chat-tiny": { timeoutMs: 9_000 } },
      references: [vllm],
      shares: { "chat-llama-3-1-8b": 1_000_000 },
    });
    expect(lines).toMatchObject([
      {
        level: "info",
        message: "The tasks change with the next period",
        ...{ on: ["chat-llama-3-1-8b"], off: ["image-tiny"], changed: ["chat-tiny"] },
        ...{ areReferencesChanged: true, areSharesChanged: true },
      },
    ]);
    expect(taken).toEqual([]);
    const next = watch.next();
    expect(next?.setup.taskWeights).toEqual({ kind: "votes", defaults: { "chat-llama-3-1-8b": 1_000_000 } });
    expect(next?.setup.registry.get("chat-tiny")?.timeoutMs).toBe(9_000);
    next?.takeUp();
    expect(taken).toMatchObject([{ references: [{ ...vllm, bestCount: 20 }] }]);
    expect(told()).toMatchObject([{ message: "The tasks have changed" }]);
    expect(watch.next()).toBeNull();
    await end();
  });

  it("refuses a bad file with everything that is wrong with it, once, and offers nothing", async () => {
    const { watch, write, clock, told, path, end } = await setUp();
    expect(await write("{ tasks")).toMatchObject([
      { level: "error", problems: [{ where: path, message: expect.stringContaining("is not JSON") }] },
    ]);
    const [refused] = await write({
      tasks: { "chat-tiny": { timeoutMs: "long" }, "Chat New": null },
      references: [{ ...vllm, url: "localhost" }],
      share: {},
    });
    expect(refused).toMatchObject({ message: "The file of tasks is refused; the tasks stay as they are" });
    const problems = (refused as unknown as { problems: { where: string; message: string }[] }).problems;
    expect(problems.map(({ where }) => where.split(" (")[0])).toEqual([
      "tasks.chat-tiny.timeoutMs",
      "tasks.Chat New",
      "references.0.url",
      "share",
    ]);
    for (const content of [
      { tasks: { "chat-new": { isEnabled: true } } },
      { shares: { "chat-nowhere": 1 } },
      { references: [{ ...vllm, tasks: ["image-tiny"] }] },
      { references: [{ kind: "gguf", path: "none.gguf", tasks: ["chat-tiny"] }] },
      { tasks: Object.fromEntries([...base.registry.keys()].map((id) => [id, { isEnabled: false }])) },
    ]) {
      expect(await write(content)).toMatchObject([{ level: "error" }]);
    }
    expect(watch.next()).toBeNull();
    await clock.advance(20_000);
    expect(told()).toEqual([]);
    expect(await write({})).toMatchObject([{ level: "info", message: "The file of tasks is good and changes nothing" }]);
    await end();
  });

  it("does not call a file bad that was only half written when it was looked at", async () => {
    const { clock, told, untilTold, path, end } = await setUp();
    await writeFile(path, "");
    await clock.advance(1);
    await writeFile(path, JSON.stringify({ tasks: { "image-tiny": null } }));
    expect(await untilTold()).toMatchObject([{ message: "The tasks change with the next period" }]);
    await writeFile(path, "{");
    expect(await untilTold()).toMatchObject([{ level: "error" }]);
    expect(told()).toEqual([]);
    await end();
  });

  it("finds a change without being asked, and that it was taken back before it held", async () => {
    const { watch, untilTold, path, end } = await setUp();
    await writeFile(path, JSON.stringify({ tasks: { "image-tiny": { isEnabled: false } } }));
    expect(await untilTold()).toMatchObject([{ message: "The tasks change with the next period", off: ["image-tiny"] }]);
    await rm(path);
    expect(await untilTold()).toMatchObject([{ message: "The tasks stay as they are after all" }]);
    expect(watch.next()).toBeNull();
    await end();
  });

  it("changes that come while others are taken up hold with the period after", async () => {
    const { watch, write, end } = await setUp();
    await write({ tasks: { "image-tiny": { isEnabled: false } } });
    const first = watch.next();
    await write({ tasks: {} });
    first?.takeUp();
    expect(watch.next()?.setup.registry.get("image-tiny")?.isEnabled).toBe(true);
    await end();
  });

  it("a file that removes a task of one of the configuration's references is refused", async () => {
    const references = [{ ...vllm, kind: "vllm" as const, bestCount: 20, timeoutMs: 60_000 }];
    const { write, end } = await setUp({ ...base, references });
    expect(await write({ tasks: { "chat-llama-3-1-8b": null } })).toMatchObject([
      { problems: [{ where: "references.0.tasks.0 of the configuration", message: expect.stringContaining("there is no task") }] },
    ]);
    await end();
  });

  it("shares of its own stand beside those of the configuration", async () => {
    const { watch, write, end } = await setUp({ ...base, taskWeights: { shares: { "chat-tiny": 1, "image-tiny": 1 } } });
    await write({ shares: { "image-tiny": 3 } });
    expect(watch.next()?.setup.taskWeights).toMatchObject({ kind: "config", shares: { "chat-tiny": 1, "image-tiny": 3 } });
    expect(await write({ shares: { "image-tiny": 0, "chat-tiny": 0 } })).toMatchObject([{ level: "error" }]);
    await end();
  });
});
