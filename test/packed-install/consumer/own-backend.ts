// A backend of one's own, checked with the shipped contract suite.

import { defaultTasks } from "@vision/sdk";
import type { BackendCall, BackendPart, InferenceBackend } from "@vision/sdk/backends";
import { backendContractSuite, createFakeBackend } from "@vision/sdk/testing";

const inner: InferenceBackend = createFakeBackend();

const backend: InferenceBackend = {
  specificationVersion: 1,
  name: "own",
  async *run(call: BackendCall): AsyncIterable<BackendPart> {
    yield* inner.run(call);
  },
};

const task = defaultTasks[0];
if (task === undefined) throw new Error("there are no default tasks");
const request = { messages: [{ role: "user", content: "Hello" }], max_tokens: 16 };

let passed = 0;
for (const { run } of backendContractSuite({ createBackend: () => backend, task, request, hasSeededSampler: false })) {
  await run();
  passed += 1;
}
process.stdout.write(JSON.stringify({ passed }));
