import { describe, expect, it } from "@jest/globals";
import { defaultTasks } from "@vision/protocol";
import { type BackendCall, BackendError, type BackendPart } from "../backends/inference-backend.js";
import { createManualClock } from "../runtime/manual-clock.js";
import type { ServedTask } from "./settings.js";
import { warmUpTasks } from "./warm-up.js";

const [chat, completion, image] = defaultTasks;

function served(
  definition: (typeof defaultTasks)[number] | undefined,
  run: (call: BackendCall) => AsyncIterable<BackendPart>,
  id = "own",
): ServedTask {
  return {
    id: definition?.id ?? id,
    capacityPerHour: 1,
    concurrency: 1,
    pool: null,
    model: null,
    sampler: null,
    backend: { specificationVersion: 1, name: "b", run },
    definition: definition ?? null,
  };
}

const options = { signal: new AbortController().signal, clock: createManualClock() };

describe("warmUpTasks", () => {
  it("asks every backend for a small answer that fits its family", async () => {
    const calls: string[] = [];
    const run = async function* (call: BackendCall): AsyncIterable<BackendPart> {
      calls.push(`${call.task.id} ${call.isStream} ${call.family.requestSchema.safeParse(call.request).success}`);
      yield { kind: "body", body: "{}" };
    };
    const results = await warmUpTasks([served(chat, run), served(completion, run), served(image, run)], options);
    expect(calls).toEqual(["chat-tiny true true", "completion-tiny true true", "image-tiny false true"]);
    expect(results.map((result) => result.problem)).toEqual([null, null, null]);
  });

  it("reports a backend that fails and goes on with the others", async () => {
    const failing = async function* (): AsyncIterable<BackendPart> {
      yield* [];
      throw new BackendError({ code: "failed", message: "no model" });
    };
    const good = async function* (): AsyncIterable<BackendPart> {
      yield { kind: "body", body: "{}" };
    };
    const results = await warmUpTasks([served(chat, failing), served(undefined, good), served(image, good)], options);
    expect(results.map(({ taskId, problem }) => [taskId, problem])).toEqual([
      ["chat-tiny", "no model"],
      ["image-tiny", null],
    ]);
  });

  it("ends when its time is over, although a backend ignores that", async () => {
    const controller = new AbortController();
    const deaf = async function* (): AsyncIterable<BackendPart> {
      yield { kind: "event", data: "{}" };
      controller.abort();
      await new Promise(() => undefined);
    };
    const clock = createManualClock();
    const results = await warmUpTasks([served(chat, deaf), served(image, deaf)], { signal: controller.signal, clock });
    expect(results.map(({ problem }) => problem)).toEqual(["it did not answer in time", "it did not answer in time"]);
    expect(clock.timerCount).toBe(0);
  });
});
