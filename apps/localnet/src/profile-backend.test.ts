import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createRegistry, getFamily } from "@vision/protocol";
import { type BackendCall, BackendError, createBackendCall, type InferenceBackend } from "@vision/sdk/backends";
import createProfileBackend, { type ProfileBackendOptions } from "./profile-backend.js";
import { type SharedMachine, startSharedMachine } from "./shared-machine.js";

const honest: ProfileBackendOptions = {
  paceFraction: null,
  failingFraction: 0,
  limitPerHour: null,
  sharedMachineUrl: null,
  overflow: "refuse",
  hasHalfImageSteps: false,
  isCutShort: false,
  hasOwnSeed: false,
};

const registry = createRegistry();

/** A request of that many tokens or steps. */
function callOf(taskId: string, change: object): BackendCall {
  const task = registry.get(taskId);
  if (task === undefined) throw new Error(`There is no task ${taskId}.`);
  const family = getFamily(task.family);
  const request = family.requestSchema.parse({ ...family.smallRequest(task.model), ...change });
  return createBackendCall({ task, request, isStream: false, signal: new AbortController().signal });
}

const chat = (tokens: number) => callOf("chat-tiny", { max_tokens: tokens });

/** Tells in its answer what it was asked for. */
const inner: InferenceBackend = {
  specificationVersion: 1,
  name: "telling",
  async *run({ request }) {
    yield { kind: "body", body: JSON.stringify(request) };
  },
};

const create = (change: Partial<ProfileBackendOptions>) => createProfileBackend({ ...honest, ...change }, { inner, sdk: { BackendError } });

/** What it was asked for behind the profile; "busy" where it was not. */
async function ask(backend: InferenceBackend, call: BackendCall): Promise<Readonly<Record<string, unknown>> | "busy"> {
  try {
    for await (const part of backend.run(call)) if (part.kind === "body") return JSON.parse(part.body);
  } catch (error) {
    if (BackendError.isInstance(error, "busy")) return "busy";
    throw error;
  }
  throw new Error("It answered nothing.");
}

describe("a miner that saves half of the steps", () => {
  it.each(["image-tiny", "image-edit-tiny"])("saves them at %s", async (taskId) => {
    const backend = create({ hasHalfImageSteps: true });
    expect(await ask(backend, callOf(taskId, { steps: 9, strength: 0.5 }))).toMatchObject({ steps: 4, strength: 0.5 });
    expect(await ask(backend, callOf(taskId, { steps: 1 }))).toMatchObject({ steps: 1 });
  });

  it("leaves texts alone", async () => {
    expect(await ask(create({ hasHalfImageSteps: true }), chat(5))).toMatchObject({ max_tokens: 5 });
  });
});

describe("a miner that is full", () => {
  // So little an hour that nothing comes back while the test runs: the largest request so far fits, and nothing after it.
  const limitPerHour = { "chat-tiny": 0.001 };

  it("refuses what does not fit", async () => {
    const backend = create({ limitPerHour });
    expect(await ask(backend, chat(7))).toMatchObject({ max_tokens: 7 });
    expect(await ask(backend, chat(6))).toBe("busy");
    expect(await ask(backend, callOf("completion-tiny", {}))).not.toBe("busy");
  });

  it("gives an answer to another question where it is junk that it answers with", async () => {
    const backend = create({ limitPerHour, overflow: "junk" });
    expect(await ask(backend, chat(7))).toMatchObject({ max_tokens: 7 });
    expect(await ask(backend, chat(6))).toMatchObject({ max_tokens: 7 });
  });
});

describe("a machine behind two miners", () => {
  let machine: SharedMachine;
  beforeAll(async () => {
    machine = await startSharedMachine({ "chat-tiny": 0.001 });
  });
  afterAll(() => machine.close());

  it("has one capacity: what one miner uses, the other lacks", async () => {
    const [first, second] = [create({ sharedMachineUrl: machine.url }), create({ sharedMachineUrl: machine.url })];
    expect(await ask(first, chat(7))).toMatchObject({ max_tokens: 7 });
    expect(await ask(second, chat(7))).toBe("busy");
    expect(await ask(first, chat(7))).toBe("busy");
    expect(await ask(second, callOf("completion-tiny", {}))).not.toBe("busy");
  });
});
