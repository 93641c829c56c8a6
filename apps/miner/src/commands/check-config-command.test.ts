import { describe, expect, it } from "@jest/globals";
import { createMemoryTerminal } from "@vision/program/testing";
import { defaultTasks } from "@vision/sdk";
import { minerConfigSchema } from "../config/miner-config.js";
import { checkConfigCommand, findConfigWarnings } from "./check-config-command.js";

const hotkey = { uri: "//Alice", areDevKeysAllowed: true };

describe("checkConfigCommand", () => {
  it("shows the settings in force without passwords and keys, and whose they are", async () => {
    const terminal = createMemoryTerminal();
    const config = minerConfigSchema.parse({
      hotkey,
      tasks: { "chat-tiny": { capacityPerHour: 60_000, backend: "server" }, "image-tiny": { capacityPerHour: 500, backend: "odd" } },
      backends: {
        server: {
          kind: "openai-compatible",
          baseUrl: "http://me:hunter2@127.0.0.1:8000/v1?key=abc",
          apiKey: "sk-secret",
          headers: { "x-gate": "g4te" },
        },
        odd: { kind: "module", path: "odd.mjs", options: { token: "t0ken" }, inner: { kind: "tiny" } },
      },
    });
    await checkConfigCommand(config, { terminal, environment: {} });
    const text = terminal.printed.join("\n");
    expect(JSON.parse(text)).toMatchObject({
      backends: { server: { baseUrl: "http://127.0.0.1:8000/v1?key=***" }, odd: { inner: { kind: "tiny" } } },
    });
    for (const secret of ["hunter2", "abc", "sk-secret", "g4te", "t0ken", "//Alice"]) expect(text).not.toContain(secret);
    expect(terminal.noted.join("\n")).toContain("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
  });
});

describe("findConfigWarnings", () => {
  it("names tasks that neither this version nor the configuration knows", () => {
    const [known] = defaultTasks;
    const config = minerConfigSchema.parse({
      hotkey,
      tasks: { "chat-tiny": { capacityPerHour: 1 }, "chat-tinny": { capacityPerHour: 1 }, "chat-own": { capacityPerHour: 1 } },
      backends: { local: { kind: "tiny" } },
      taskDefinitions: [{ ...known, id: "chat-own" }],
    });
    expect(findConfigWarnings(config)).toEqual([expect.stringMatching(/^tasks\.chat-tinny: .* chat-tiny, .*chat-own\./)]);
  });
});
