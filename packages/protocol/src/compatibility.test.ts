import { describe, expect, it } from "@jest/globals";
import { compareProtocols, isCompatibleVersion } from "./compatibility.js";
import { defaultTasks } from "./registry/default-tasks.js";

const [chat, completion] = defaultTasks as [(typeof defaultTasks)[number], (typeof defaultTasks)[number]];

describe("compareProtocols", () => {
  it("is empty for the same description", () => {
    const description = { protocolVersion: "1.0", tasks: [chat, completion] };
    expect(compareProtocols(description, structuredClone(description))).toEqual([]);
  });

  it("reports every difference at once", () => {
    const differences = compareProtocols(
      { protocolVersion: "1.0", tasks: [chat, completion] },
      {
        protocolVersion: "2.3",
        tasks: [
          { ...chat, model: "other", timeoutMs: 5 },
          { ...completion, id: "completion-new" },
        ],
      },
    );
    expect(differences.map(({ path, isBreaking }) => [path, isBreaking])).toEqual([
      ["protocolVersion", true],
      ["tasks.chat-tiny.model", true],
      ["tasks.chat-tiny.timeoutMs", false],
      ["tasks.completion-tiny", false],
      ["tasks.completion-new", false],
    ]);
  });
});

describe("isCompatibleVersion", () => {
  it.each([
    ["1.0", "1.7", true],
    ["1.0", "2.0", false],
    ["1", "1.0", false],
    ["", "1.0", false],
    ["1.0; rm", "1.0", false],
  ])("%s with %s: %s", (theirs, ours, expected) => {
    expect(isCompatibleVersion(theirs, ours)).toBe(expected);
  });
});
