import { describe, expect, it } from "@jest/globals";
import { minerConfigSchema } from "../config/miner-config.js";
import { describeConfig, findConfigWarnings } from "./check-config-command.js";

describe("describeConfig", () => {
  it("shows the settings in force without passwords and keys", () => {
    const text = describeConfig(
      minerConfigSchema.parse({
        hotkey: { mnemonicFile: "/keys/hotkey.txt" },
        tasks: { "chat-tiny": { capacityPerHour: 60_000, backend: "server" }, "image-tiny": { capacityPerHour: 500, backend: "odd" } },
        backends: {
          server: { kind: "openai-compatible", baseUrl: "http://me:hunter2@127.0.0.1:8000/v1?key=abc", apiKey: "sk-secret" },
          odd: { kind: "module", path: "odd.mjs", options: { token: "t0ken" }, inner: { kind: "tiny" } },
        },
      }),
    );
    expect(text).toContain("model server at http://127.0.0.1:8000/v1");
    expect(text).toContain("module odd.mjs around embedded models");
    for (const secret of ["hunter2", "abc", "sk-secret", "t0ken"]) expect(text).not.toContain(secret);
  });
});

describe("findConfigWarnings", () => {
  it("names tasks that neither this version nor the configuration knows", () => {
    const config = minerConfigSchema.parse({
      hotkey: { mnemonicFile: "hotkey.txt" },
      tasks: { "chat-tiny": { capacityPerHour: 1 }, "chat-tinny": { capacityPerHour: 1 }, "chat-own": { capacityPerHour: 1 } },
      backends: { local: { kind: "tiny" } },
      taskDefinitions: [{ id: "chat-own" }],
    });
    expect(findConfigWarnings(config, ["chat-tiny"])).toEqual([expect.stringMatching(/^tasks\.chat-tinny: .* chat-tiny, chat-own\./)]);
  });
});
