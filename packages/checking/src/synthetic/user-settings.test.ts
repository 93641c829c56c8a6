import { describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { hasUserSettings, settingsOf, withSettings } from "./user-settings.js";

const request = {
  model: "chat-llama-3-1-8b",
  messages: [{ role: "user", content: "My secret." }],
  max_tokens: 512,
  temperature: 0.2,
  seed: 42,
  stream: true,
};

describe("settings of users' requests", () => {
  it("hold numbers and switches in their order, and nothing that somebody wrote", () => {
    const settings = settingsOf(request);
    expect(settings).toEqual({ model: null, messages: null, max_tokens: 512, temperature: 0.2, seed: 42, stream: true });
    expect(Object.keys(settings ?? {})).toEqual(Object.keys(request));
    expect(JSON.stringify(settings)).not.toContain("secret");
    for (const field of ["user", "metadata", "stop", "tools", "response_format", "anything"]) {
      expect({ field, settings: settingsOf({ ...request, [field]: "My secret." }) }).toEqual({ field, settings: null });
    }
  });

  it("stand in the place of a request's own, in the user's order; its text, its model and a seed that was drawn are its own", () => {
    const own = {
      model: "other",
      messages: [{ role: "user", content: "Hi" }],
      max_tokens: 5,
      temperature: 1,
      seed: 2 ** 41,
      top_p: 0.5,
      stop: ["x"],
    };
    const settings = settingsOf(request) ?? {};
    const dressed = withSettings(own, settings, { isTemperatureKept: false });
    expect(dressed).toEqual({ model: "other", messages: own.messages, max_tokens: 512, temperature: 0.2, seed: 42, stream: true });
    expect(Object.keys(dressed)).toEqual(Object.keys(request));
    expect(withSettings(own, { ...settings, seed: 2 ** 40 }, { isTemperatureKept: true })).toMatchObject({ temperature: 1, seed: 2 ** 41 });
    const begun = { ...own, continue_final_message: true };
    expect(withSettings(begun, settings, { isTemperatureKept: false })).toBe(begun);
  });

  it("are drawn for models that answer anything", () => {
    const tasks = [...createRegistry().values()].filter(hasUserSettings).map(({ id }) => id);
    expect(tasks).toContain("completion-llama-3-1-8b");
    expect(tasks).not.toContain("chat-tiny");
    expect(tasks).not.toContain("image-tiny");
  });
});
