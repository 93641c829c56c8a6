import { afterAll, describe, expect, it } from "@jest/globals";
import { createRegistry, imageEdits, type Task } from "@vision/protocol";
import { type InferenceBackend, tiny } from "@vision/sdk/backends";
import { backendContractSuite } from "@vision/sdk/testing";
import { createEmbeddedReference } from "../embedded/reference-embedded.js";
import { createInProcessEngine } from "../embedded/reference-engine-in-process.js";

const reference = createEmbeddedReference(createInProcessEngine());
afterAll(() => reference.close());

const requests = {
  "chat-tiny": { messages: [{ role: "user", content: "Tell me a story about a dog." }], max_tokens: 24 },
  "completion-tiny": { prompt: "Once upon a time", max_tokens: 24 },
  "image-tiny": { prompt: "a red apple", steps: 2 },
  "image-edit-tiny": { ...imageEdits.smallRequest("image-edit-tiny"), steps: 4, strength: 0.5 },
  "embedding-tiny": { input: "a red apple" },
} as const;

function judgedCase(taskId: keyof typeof requests, createBackend: () => InferenceBackend) {
  const task = createRegistry().get(taskId) as Task;
  const cases = backendContractSuite({
    createBackend,
    task,
    request: { model: taskId, ...requests[taskId] },
    checkAnswer: reference.check,
  });
  const found = cases.find(({ name }) => name.includes("a validator finds no fault"));
  if (found === undefined) throw new Error("the suite judges no answers");
  return found;
}

describe("backendContractSuite with a reference", () => {
  for (const taskId of Object.keys(requests) as (keyof typeof requests)[]) {
    it(`finds no fault in honest answers of ${taskId}`, () => judgedCase(taskId, tiny).run());
  }

  it("says what a validator would find in answers by another seed", async () => {
    const inner = tiny();
    const cheat: InferenceBackend = {
      ...inner,
      run: (call) => inner.run({ ...call, request: { ...call.request, seed: 1 } } as typeof call),
    };
    await expect(judgedCase("chat-tiny", () => cheat).run()).rejects.toThrow(/an answer is worth 0(\.\d+)?: /);
  });
});
