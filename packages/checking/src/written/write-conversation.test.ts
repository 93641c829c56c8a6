import { describe, expect, it } from "@jest/globals";
import { createRegistry, getFamily, type RequestBody, type Task } from "@vision/protocol";
import { createSeededRandom } from "@vision/scoring/probing";
import { createEmbeddedReference } from "../embedded/reference-embedded.js";
import { createInProcessEngine } from "../embedded/reference-engine-in-process.js";
import type { ReferencePrompt } from "../reference-model.js";
import { groupConversations } from "../synthetic/shared-conversations.js";
import { isWritable, type WriteText, writeConversation, writeSystemText } from "./write-conversation.js";

const registry = createRegistry();
const taskOf = (id: string): Task => {
  const task = registry.get(id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return task;
};
type Messages = readonly { readonly role: string; readonly content: unknown }[];
const messagesOf = (request: RequestBody | undefined) => (request?.["messages"] ?? []) as Messages;
const textOf = (content: unknown) =>
  typeof content === "string" ? content : (content as readonly { readonly text: string }[]).map(({ text }) => text).join("");
const lastOf = (prompt: ReferencePrompt) => (prompt.kind === "chat" ? (prompt.messages.at(-1)?.content ?? "") : prompt.text);

/** A model that numbers what it writes and notes what it was asked. */
function counting(answer: (count: number) => string = (count) => `This is text number ${count}.`) {
  const prompts: ReferencePrompt[] = [];
  const write: WriteText = async (prompt) => {
    prompts.push(prompt);
    return { kind: "written", text: answer(prompts.length), isEnded: true };
  };
  return { prompts, write };
}

async function writeMany(task: Task, count: number, write: WriteText, systemTexts: readonly string[] = []) {
  const conversations: (readonly RequestBody[])[] = [];
  for (let index = 0; index < count; index += 1) {
    const written = await writeConversation({ task, random: createSeededRandom("writing", [task.id, index]), systemTexts, write });
    if (written !== null) conversations.push(written);
  }
  return conversations;
}

describe("writeConversation", () => {
  it("has the model write all that is said, from assignments of which nothing is sent on", async () => {
    const task = taskOf("chat-llama-3-1-8b");
    const { prompts, write } = counting();
    const conversations = await writeMany(task, 100, write, ["Be kind.", "Be quick."]);
    expect(conversations).toHaveLength(100);
    const texts = conversations.flatMap((requests) => messagesOf(requests.at(-1)).map(({ content }) => textOf(content)));
    for (const text of texts) expect(text).toMatch(/^(this is \w+ \w+ \d+\.|be kind\.|be quick\.)$/i);
    // What is asked for differs: subjects, forms, lengths, languages.
    const assignments = prompts.map(lastOf).filter((text) => text.startsWith("Write what a person types"));
    expect(new Set(assignments).size).toBe(assignments.length);
    expect(assignments.filter((text) => text.includes("code")).length).toBeGreaterThan(5);
    expect(assignments.filter((text) => !text.includes("English")).length).toBeGreaterThan(20);
  });

  it("lets conversations grow turn by turn, each request with all that was said and no settings", async () => {
    const { write } = counting();
    const conversations = await writeMany(taskOf("chat-llama-3-1-8b"), 100, write);
    const grown = conversations.filter(({ length }) => length > 1);
    expect(grown.length).toBeGreaterThan(25);
    expect(Math.max(...grown.map(({ length }) => length))).toBeGreaterThan(2);
    for (const requests of grown) {
      for (const [index, { messages, ...fields }] of requests.entries()) {
        expect(fields).toEqual({ model: "chat-llama-3-1-8b" });
        const [before] = requests.slice(index - 1, index);
        if (before === undefined) continue;
        expect((messages as Messages).slice(0, -2)).toEqual(before["messages"]);
        expect((messages as Messages).slice(-2).map(({ role }) => role)).toEqual(["assistant", "user"]);
      }
      // The prober plays it as one conversation.
      expect(groupConversations(requests.map((request) => ({ hotkeys: [], request })))).toHaveLength(1);
    }
  });

  it("some begin with instructions that come again", async () => {
    const { write } = counting();
    const conversations = await writeMany(taskOf("chat-llama-3-1-8b"), 100, write, ["Be kind.", "Be quick."]);
    const systems = conversations.flatMap(([first]) => messagesOf(first).filter(({ role }) => role === "system"));
    expect(systems.length).toBeGreaterThan(20);
    expect(systems.length).toBeLessThan(60);
    expect(new Set(systems.map(({ content }) => textOf(content))).size).toBe(2);
  });

  it("every request is one that the task's users could send", async () => {
    const { write } = counting(
      (count) => `There once was a fox that had ${count} friends. They all lived together in a forest far away, and were happy.`,
    );
    for (const task of [...registry.values()].filter(isWritable)) {
      const { requestSchema, maxWorkUnits } = getFamily(task.family);
      const requests = (await writeMany(task, 20, write)).flat();
      expect({ id: task.id, isAny: requests.length >= 20 }).toEqual({ id: task.id, isAny: true });
      for (const request of requests) {
        const parsed = requestSchema.parse(request);
        expect(maxWorkUnits(parsed)).toBeGreaterThan(0);
        expect(request["model"]).toBe(task.id);
      }
    }
  });

  it("writes by the embedded models: a story with a question about it, or the beginning of one", async () => {
    const reference = createEmbeddedReference(createInProcessEngine());
    const signal = new AbortController().signal;
    for (const id of ["chat-tiny", "completion-tiny"]) {
      const task = taskOf(id);
      const write: WriteText = async (prompt, how) => (await reference.write?.({ task, prompt, ...how, signal })) ?? null;
      const conversations = await writeMany(task, 12, write);
      expect(conversations.length).toBeGreaterThan(4);
      const firsts = conversations.map(([first]) => String(first?.["prompt"] ?? textOf(messagesOf(first)[0]?.content)));
      expect(new Set(firsts).size).toBe(firsts.length);
      expect(conversations.flat().every((request) => getFamily(task.family).requestSchema.safeParse(request).success)).toBe(true);
    }
  });

  it("takes nothing of a model that is silent, away, or writes what no user would", async () => {
    const task = taskOf("chat-llama-3-1-8b");
    expect(await writeMany(task, 5, async () => null)).toEqual([]);
    expect(await writeMany(task, 5, counting(() => "As an AI, I type nothing.").write)).toEqual([]);
    expect(await writeMany(task, 5, counting(() => "").write)).toEqual([]);
    const random = createSeededRandom("writing", []);
    await expect(writeConversation({ task, random, systemTexts: [], write: () => Promise.reject(new Error("away")) })).rejects.toThrow(
      "away",
    );
  });
});

describe("writeSystemText", () => {
  it("has instructions written for models that can be told what to write", async () => {
    const { prompts, write } = counting(() => "You help with taxes.");
    const random = createSeededRandom("writing", []);
    expect(await writeSystemText({ task: taskOf("chat-llama-3-1-8b"), random, write })).toBe("You help with taxes.");
    expect(prompts).toHaveLength(1);
    for (const id of ["chat-tiny", "completion-llama-3-1-8b"])
      expect(await writeSystemText({ task: taskOf(id), random, write })).toBeNull();
    expect(prompts).toHaveLength(1);
  });
});
