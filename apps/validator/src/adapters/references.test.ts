import { describe, expect, it } from "@jest/globals";
import { createEmbeddedModel, createEmbeddedReference, createEncoderCache, createInProcessEngine } from "@vision/checking";
import { changeRegistry, createRegistry, getFamily } from "@vision/protocol";
import type { ReferenceSettings } from "../config/index.js";
import { KNOWN_ANSWER, KNOWN_QUESTION, knownQuestion, OTHER_QUESTION } from "../doctor/known-answer.js";
import type { ReferenceModel } from "../ports/index.js";
import { createManualClock, settle } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { canBeChecked, createReferences } from "./references.js";

const signal = new AbortController().signal;
const registry = changeRegistry(createRegistry(), {
  "chat-tiny": {},
  "chat-llama-3-1-8b": { isEnabled: true },
  "image-tiny": { model: "somebody/else" },
});
const taskOf = (id: string) => {
  const task = registry.get(id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return task;
};

const gguf = (...tasks: string[]): Extract<ReferenceSettings, { readonly kind: "gguf" }> => ({
  kind: "gguf",
  path: "/none.gguf",
  tasks,
  threads: 1,
  gpu: false,
});

/** References whose models are the embedded one, each counted; those in `broken` fail, those in `fooled` take the other question for the known one. */
function setUp(settings: readonly ReferenceSettings[], broken = new Set<number>(), fooled = new Set<number>()) {
  const engine = createInProcessEngine();
  const encoderOf = createEncoderCache();
  const asked: number[] = settings.map(() => 0);
  const closed: boolean[] = settings.map(() => false);
  const most: number[] = settings.map(() => 0);
  const clock = createManualClock();
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  const hooks: { onAsked: () => void | Promise<void> } = { onAsked: () => undefined };
  let next = 0;
  const references = createReferences(settings, {
    embedded: createEmbeddedReference(engine),
    createModel: (): ReferenceModel => {
      const index = next++;
      asked[index] ??= 0;
      closed[index] ??= false;
      const model = createEmbeddedModel({ model: "tiny-lm-q8_0" }, { engine, encoderOf });
      let underWay = 0;
      return {
        ...model,
        async readPrompt(prompt, asking) {
          asked[index] = (asked[index] ?? 0) + 1;
          await hooks.onAsked();
          if (broken.has(index)) throw new Error("no memory");
          const taken = JSON.stringify(prompt).replace(OTHER_QUESTION, KNOWN_QUESTION);
          return model.readPrompt(fooled.has(index) ? (JSON.parse(taken) as typeof prompt) : prompt, asking);
        },
        async score(answer, asking) {
          underWay += 1;
          most[index] = Math.max(most[index] ?? 0, underWay);
          return model.score(answer, asking).finally(() => {
            underWay -= 1;
          });
        },
        async close() {
          closed[index] = true;
        },
      };
    },
    ...{ clock, logger, metrics },
  });
  const check = (taskId: string, question = KNOWN_QUESTION) => {
    const task = taskOf(taskId);
    const request = getFamily(task.family).normalise(knownQuestion(question), { task, fallbackSeed: 0 });
    return references.check({ task, request, answer: KNOWN_ANSWER, sampler: "gumbel-murmur3", signal });
  };
  return { references, check, asked, most, closed, broken, hooks, clock, logger };
}

describe("createReferences", () => {
  it("checks a task's answers by the model that is named for it, and those of other tasks by the embedded ones", async () => {
    const { references, check, asked, closed } = setUp([gguf("chat-llama-3-1-8b")]);
    expect(await check("chat-llama-3-1-8b")).toMatchObject({ kind: "judged", qualityFraction: 1 });
    expect(await check("chat-llama-3-1-8b", OTHER_QUESTION)).toMatchObject({ kind: "judged", qualityFraction: 0 });
    expect(asked).toEqual([2]);
    expect(await check("chat-tiny")).toMatchObject({ kind: "judged", qualityFraction: 1 });
    expect(asked).toEqual([2]);
    await references.close();
    expect(closed).toEqual([true]);
  });

  it("a model that is named for an embedded task takes the embedded one's place", async () => {
    const { check, asked } = setUp([gguf("chat-tiny")]);
    expect(await check("chat-tiny")).toMatchObject({ kind: "judged", qualityFraction: 1 });
    expect(asked).toEqual([1]);
  });

  it("says which tasks can be checked", () => {
    const settings = [gguf("chat-llama-3-1-8b", "image-tiny")];
    const checkable = [...registry.values()].filter((task) => canBeChecked(task, settings)).map(({ id }) => id);
    expect(checkable).toEqual(["chat-tiny", "completion-tiny", "image-edit-tiny", "embedding-tiny", "chat-llama-3-1-8b"]);
    const { references } = setUp(settings);
    expect([...registry.values()].filter((task) => references.canCheck(task)).map(({ id }) => id)).toEqual(checkable);
    expect(canBeChecked({ ...taskOf("chat-llama-3-1-8b"), check: { kind: "none" } }, settings)).toBe(false);
  });

  it("asks another model of the task where one fails, and that one first until it had its rest", async () => {
    const { check, asked, broken, clock, logger } = setUp([gguf("chat-llama-3-1-8b"), gguf("chat-llama-3-1-8b")], new Set([0]));
    expect(await check("chat-llama-3-1-8b")).toMatchObject({ qualityFraction: 1 });
    expect(await check("chat-llama-3-1-8b")).toMatchObject({ qualityFraction: 1 });
    expect(asked).toEqual([1, 2]);
    await clock.advance(30_000);
    broken.clear();
    expect(await check("chat-llama-3-1-8b")).toMatchObject({ qualityFraction: 1 });
    expect(asked).toEqual([2, 2]);
    await clock.advance(60_000);
    await check("chat-llama-3-1-8b");
    expect(logger.lines).toMatchObject([
      { level: "warn", facts: { reference: "gguf for chat-llama-3-1-8b", error: { message: expect.stringContaining("no memory") } } },
      { level: "info", message: "A reference works again" },
    ]);
  });

  it("shares checks that run at a time out over a task's models", async () => {
    const { check, asked } = setUp([gguf("chat-llama-3-1-8b"), gguf("chat-llama-3-1-8b"), gguf("chat-tiny")]);
    await Promise.all(Array.from({ length: 6 }, () => check("chat-llama-3-1-8b")));
    expect(asked).toEqual([3, 3, 0]);
  });

  it("goes by other settings while it runs: keeps what is named as before, opens what is new, closes what is left when it is idle", async () => {
    const { references, check, asked, closed } = setUp([gguf("chat-llama-3-1-8b"), { ...gguf("chat-tiny"), path: "/b.gguf" }]);
    await check("chat-llama-3-1-8b");
    const underWay = check("chat-tiny");
    references.use([gguf("chat-llama-3-1-8b", "completion-tiny")]);
    expect(closed).toEqual([false, false]);
    expect(await underWay).toMatchObject({ qualityFraction: 1 });
    await settle();
    expect(closed).toEqual([false, true]);
    expect(await check("chat-llama-3-1-8b")).toMatchObject({ qualityFraction: 1 });
    expect(asked).toEqual([2, 1]);

    references.use([{ ...gguf("chat-llama-3-1-8b"), path: "/c.gguf" }]);
    await settle();
    expect(closed).toEqual([true, true, false]);
    await check("chat-llama-3-1-8b");
    expect(asked).toEqual([2, 1, 1]);
    expect(references.canCheck(taskOf("chat-llama-3-1-8b"))).toBe(true);
    references.use([]);
    expect(references.canCheck(taskOf("chat-llama-3-1-8b"))).toBe(false);
    await references.close();
    expect(closed).toEqual([true, true, true]);
  });

  it("rejects where all models of a task fail: then nothing is known of the answer", async () => {
    const { check, asked } = setUp([gguf("chat-llama-3-1-8b"), gguf("chat-llama-3-1-8b")], new Set([0, 1]));
    await expect(check("chat-llama-3-1-8b")).rejects.toMatchObject({
      code: "REFERENCE_UNAVAILABLE",
      message: "The reference gguf for chat-llama-3-1-8b does not work at the moment: no memory",
    });
    expect(asked).toEqual([1, 1]);
    await expect(check("chat-tiny")).resolves.toMatchObject({ qualityFraction: 1 });
  });

  it("asks none about more answers at a time than it takes; the others wait for the first that has room", async () => {
    const settings = [1, 2].map((concurrency) => ({ ...gguf("chat-llama-3-1-8b"), concurrency }));
    const { check, asked, most } = setUp(settings);
    const verdicts = await Promise.all(Array.from({ length: 9 }, () => check("chat-llama-3-1-8b")));
    expect(verdicts.map((verdict) => verdict.kind)).toEqual(Array(9).fill("judged"));
    expect(most).toEqual([1, 2]);
    expect(asked.reduce((sum, count) => sum + count, 0)).toBe(9);
  });

  it("lets the models write that have nothing to check, and the embedded ones where none is named", async () => {
    const { references, check, hooks, broken } = setUp([gguf("chat-llama-3-1-8b")]);
    const write = async (id: string) =>
      (await references.write?.({
        task: taskOf(id),
        prompt: { kind: "text", text: "Once upon a time" },
        maxTokens: 12,
        seed: 1,
        signal,
      })) ?? null;
    expect((await write("chat-llama-3-1-8b"))?.text.length).toBeGreaterThan(10);
    expect((await write("completion-tiny"))?.text.length).toBeGreaterThan(10);
    expect(await write("image-tiny")).toBeNull();
    // While one checks it does not write.
    let writing: ReturnType<typeof write> | null = null;
    hooks.onAsked = async () => {
      hooks.onAsked = () => undefined;
      writing = write("chat-llama-3-1-8b");
      expect(await writing).toBeNull();
    };
    expect(await check("chat-llama-3-1-8b")).toMatchObject({ kind: "judged", qualityFraction: 1 });
    expect(writing).not.toBeNull();
    // One that fails is left alone for a while, for writing too.
    broken.add(0);
    await expect(write("chat-llama-3-1-8b")).rejects.toMatchObject({ code: "REFERENCE_UNAVAILABLE" });
    broken.clear();
    expect(await write("chat-llama-3-1-8b")).toBeNull();
    await references.close();
  });

  it("a slow model that wrote a long text held up the checks behind it: it writes no more than some seconds hold", async () => {
    const { references, clock, hooks } = setUp([gguf("chat-llama-3-1-8b")]);
    const write = async (maxTokens: number) => {
      const prompt = { kind: "text", text: "Once upon a time" } as const;
      return (await references.write?.({ task: taskOf("chat-llama-3-1-8b"), prompt, maxTokens, seed: 3, signal }))?.text ?? null;
    };
    const whole = await write(200);
    const first = await write(48);
    expect(whole).toBe(first);
    // Its clock stood still: it is as fast as can be.
    const fast = await write(200);
    expect(fast?.length).toBeGreaterThan(1.5 * (first?.length ?? 0));
    hooks.onAsked = () => clock.advance(30_000);
    await write(48);
    const slow = await write(200);
    expect(slow?.length).toBeLessThan(0.8 * (first?.length ?? 0));
    // Half a minute for so few is too slow to write at all, until it is tried again.
    expect(await write(200)).toBeNull();
    hooks.onAsked = () => undefined;
    let refusals = 1;
    while ((await write(200)) === null && refusals < 100) refusals += 1;
    expect(refusals).toBeLessThan(10);
    expect((await write(200))?.length).toBe(fast?.length);
    await references.close();
  });

  it("a model that had been closed was asked all the same, by answers that had waited for it while the settings changed", async () => {
    const { references, check, asked } = setUp([{ ...gguf("chat-llama-3-1-8b"), concurrency: 1 }]);
    const underWay = check("chat-llama-3-1-8b");
    const waiting = check("chat-llama-3-1-8b");
    references.use([{ ...gguf("chat-llama-3-1-8b"), path: "/new.gguf" }]);
    await expect(waiting).rejects.toMatchObject({ code: "REFERENCE_UNAVAILABLE", message: expect.stringContaining("no longer named") });
    expect(await underWay).toMatchObject({ qualityFraction: 1 });
    expect(await check("chat-llama-3-1-8b")).toMatchObject({ qualityFraction: 1 });
    expect(asked).toEqual([1, 1]);
    await references.close();
    await expect(check("chat-llama-3-1-8b")).rejects.toMatchObject({ code: "REFERENCE_UNAVAILABLE" });
    expect(asked).toEqual([1, 1]);
  });

  it("answers that waited for the only reference while it hung waited for good when the settings named another", async () => {
    const { references, check, hooks } = setUp([{ ...gguf("chat-llama-3-1-8b"), concurrency: 1 }]);
    let release: () => void = () => undefined;
    hooks.onAsked = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    const hanging = check("chat-llama-3-1-8b");
    const waiting = check("chat-llama-3-1-8b");
    references.use([]);
    await expect(waiting).rejects.toMatchObject({ code: "REFERENCE_UNAVAILABLE" });
    release();
    expect(await hanging).toMatchObject({ qualityFraction: 1 });
  });

  it("an answer that came while a reference was asked about the known one waited for good", async () => {
    const { check, asked, hooks, clock } = setUp([{ ...gguf("chat-llama-3-1-8b"), concurrency: 1 }]);
    expect(await check("chat-llama-3-1-8b")).toMatchObject({ qualityFraction: 1 });
    await clock.advance(400_000);
    const third = new Promise((resolve) => {
      hooks.onAsked = () => {
        if (asked[0] === 3) resolve(check("chat-llama-3-1-8b"));
      };
    });
    expect(await check("chat-llama-3-1-8b", OTHER_QUESTION)).toMatchObject({ qualityFraction: 0 });
    expect(await third).toMatchObject({ qualityFraction: 1 });
  });

  it("two that both judge right what is known were taken out by answers made for them to disagree about", async () => {
    const { check, logger } = setUp([gguf("chat-llama-3-1-8b"), gguf("chat-llama-3-1-8b")], new Set(), new Set([1]));
    expect(await check("chat-llama-3-1-8b")).toMatchObject({ qualityFraction: 1 });
    for (let count = 0; count < 9; count += 1) {
      expect(await check("chat-llama-3-1-8b", OTHER_QUESTION)).toMatchObject({ kind: "inconclusive" });
    }
    expect(await check("chat-llama-3-1-8b")).toMatchObject({ qualityFraction: 1 });
    expect(logger.lines).toEqual([]);
  });

  it("one of three that judges right what is known was taken out by one answer made for it to find right", async () => {
    const { check, logger } = setUp(Array(3).fill(gguf("chat-llama-3-1-8b")), new Set(), new Set([1]));
    expect(await check("chat-llama-3-1-8b")).toMatchObject({ qualityFraction: 1 });
    expect(await check("chat-llama-3-1-8b", OTHER_QUESTION)).toMatchObject({ qualityFraction: 0 });
    expect(logger.lines).toEqual([]);
  });
});
