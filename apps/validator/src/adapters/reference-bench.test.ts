import { afterEach, describe, expect, it } from "@jest/globals";
import { createEmbeddedModel, createEncoderCache, createInProcessEngine } from "@vision/checking";
import { createManualClock, settle } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import type { Truth } from "./known-answers.js";
import { createReferenceBench } from "./reference-bench.js";
import { createReferenceMember } from "./reference-member.js";

const stop = new AbortController();
afterEach(() => stop.abort());

/** A reference of these tasks, of which it makes this of what is known. */
function setUp(truths: Readonly<Record<string, Truth>>) {
  const clock = createManualClock();
  const logger = recordingLogger();
  const model = createEmbeddedModel({ model: "tiny-lm-q8_0" }, { engine: createInProcessEngine(), encoderOf: createEncoderCache() });
  const settings = { kind: "gguf" as const, path: "/none.gguf", tasks: Object.keys(truths), threads: 1, gpu: false as const };
  const member = createReferenceMember(
    { settings, index: 0, model },
    { clock, logger, metrics: createRecordingMetrics(), onRoom: () => undefined },
  );
  const asked: string[] = [];
  const known = {
    note: () => undefined,
    forget: () => undefined,
    async test(_: unknown, taskId: string): Promise<Truth> {
      asked.push(taskId);
      return truths[taskId] ?? "unknown";
    },
  };
  return { member, asked, logger, watch: createReferenceBench({ members: () => [member], known, clock }).watch };
}

describe("createReferenceBench", () => {
  it("a reference of several tasks that judged the second one's known answer wrong stayed, because it judged the first one's right", async () => {
    const { member, asked, logger, watch } = setUp({ "chat-tiny": "right", "completion-tiny": "wrong" });
    const watching = watch.run(stop.signal).catch(() => undefined);
    await settle();
    expect(asked).toEqual(["chat-tiny", "completion-tiny"]);
    expect(member.isOut()).toBe(true);
    expect(logger.lines).toMatchObject([{ facts: { reason: "it judged an answer that is known, of completion-tiny" } }]);
    stop.abort();
    await watching;
  });
});
