import { describe, expect, it } from "@jest/globals";
import { changeRegistry, createRegistry, type TaskRegistry } from "@vision/protocol";
import { createManualClock } from "../testing/manual-clock.js";
import { createMemoryStore } from "../testing/memory-store.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { createDependencyGuard } from "./dependency-guard.js";
import { createTermsWatch } from "./terms-watch.js";

const signal = new AbortController().signal;
const registry = changeRegistry(createRegistry(), { "image-tiny": { isEnabled: false } });
const tasksOf = (...ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, createRegistry().get(id)]));

function setUp() {
  const store = createMemoryStore();
  const logger = recordingLogger();
  const guard = createDependencyGuard({ clock: createManualClock(), logger, metrics: createRecordingMetrics() });
  const reference = { canCheck: ({ id }: { readonly id: string }) => id !== "completion-tiny" };
  let own = registry;
  let changed: TaskRegistry | null = null;
  const tasks = {
    next() {
      const setup = changed;
      if (setup === null) return null;
      const takeUp = () => {
        own = setup;
        changed = null;
      };
      return { setup: { registry: setup, taskWeights: { kind: "votes" as const } }, takeUp };
    },
  };
  const watch = createTermsWatch({ version: "1.2.3", registry: () => own, tasks, store, reference, guard, logger });
  const set = (changes: object) =>
    store.setCheckTerms({ validator: "5V", version: "1.2.3", tasks: tasksOf("chat-tiny", "completion-tiny"), ...changes });
  const change = (changes: Parameters<typeof changeRegistry>[1]) => {
    changed = changeRegistry(registry, changes);
  };
  return { watch, set, change, logger };
}

describe("createTermsWatch", () => {
  it("finds the tasks that both know alike and that can be checked here, and says so once", async () => {
    const { watch, set, logger } = setUp();
    await set({});
    expect(await watch.read(signal)).toEqual({ validator: "5V", tasks: ["chat-tiny"] });
    await watch.read(signal);
    expect(watch.taskCount()).toBe(1);
    expect(logger.lines).toMatchObject([{ level: "info", facts: { tasks: ["chat-tiny"], leftToOthers: ["completion-tiny"] } }]);
  });

  it("finds nothing before a validator has set its terms, and while it is of another version; and all when it is of the same again", async () => {
    const { watch, set, logger } = setUp();
    expect(await watch.read(signal)).toBeNull();
    await set({ version: "1.3.0" });
    expect(await watch.read(signal)).toBeNull();
    expect(watch.taskCount()).toBe(0);
    await set({});
    expect((await watch.read(signal))?.tasks).toEqual(["chat-tiny"]);
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn", "warn", "info"]);
  });

  it("leaves a task to others of which the validator has another entry, or which is off here", async () => {
    const { watch, set, logger } = setUp();
    const { "chat-tiny": chat, "embedding-tiny": embedding, "image-tiny": image } = tasksOf("chat-tiny", "embedding-tiny", "image-tiny");
    await set({ tasks: { "chat-tiny": { ...chat, contextTokens: 511 }, "embedding-tiny": embedding, "image-tiny": image, new: {} } });
    expect((await watch.read(signal))?.tasks).toEqual(["embedding-tiny"]);
    expect(logger.lines).toMatchObject([{ level: "warn", facts: { otherwise: ["chat-tiny", "image-tiny", "new"] } }]);
  });

  it("takes tasks up that have changed here when the validator's are those, or already others", async () => {
    const { watch, set, change } = setUp();
    const { "chat-tiny": chat, "embedding-tiny": embedding } = tasksOf("chat-tiny", "embedding-tiny");
    await set({ tasks: { "chat-tiny": chat, "embedding-tiny": embedding } });
    change({ "chat-tiny": { contextTokens: 511 } });
    expect((await watch.read(signal))?.tasks).toEqual(["chat-tiny", "embedding-tiny"]);
    await set({ tasks: { "chat-tiny": { ...chat, contextTokens: 511 }, "embedding-tiny": embedding } });
    expect((await watch.read(signal))?.tasks).toEqual(["chat-tiny", "embedding-tiny"]);
    await set({ tasks: { "chat-tiny": { ...chat, contextTokens: 510 }, "embedding-tiny": embedding } });
    expect((await watch.read(signal))?.tasks).toEqual(["embedding-tiny"]);
    change({ "chat-tiny": { contextTokens: 510 } });
    expect((await watch.read(signal))?.tasks).toEqual(["chat-tiny", "embedding-tiny"]);
  });
});
