import type { RequestBody, Task } from "@vision/protocol";
import { isSmallTask } from "./request-shape.js";

type Fields = Readonly<Record<string, unknown>>;

/** What one request of a user asks for beside its text: names in their order, and values. */
export type UserSettings = Fields;

/** Fields that hold nothing that somebody wrote; numbers, switches, and what is made of them. */
const SETTINGS = new Set(
  `temperature, top_p, top_k, min_p, max_tokens, max_completion_tokens, stream, stream_options, n, frequency_penalty, presence_penalty, repetition_penalty,
  logprobs, top_logprobs, seed`.split(/,\s*/),
);
/** Where the text stands among them. */
const TEXTS = new Set(["model", "messages", "prompt"]);
/** A seed that a program names is a small number; one that was drawn for a user is over the whole range. */
const NAMED_SEEDS = 1_000_000;

/** Whether a seed was named by a program. */
export const isNamedSeed = (seed: unknown): boolean => typeof seed === "number" && Math.abs(seed) < NAMED_SEEDS;

/** Whether requests to a task are drawn with users' settings: those of a model for simple questions fit no other text. */
export function hasUserSettings(task: Task): boolean {
  return (task.family === "chat-completions" || task.family === "completions") && !isSmallTask(task);
}

/** The settings of a request, without anything that somebody wrote; null for one that has more than settings and a text. */
export function settingsOf(request: RequestBody): UserSettings | null {
  const names = Object.keys(request);
  if (!names.every((name) => SETTINGS.has(name) || TEXTS.has(name))) return null;
  return Object.fromEntries(names.map((name) => [name, TEXTS.has(name) ? null : request[name]]));
}

/**
 * A request with a user's settings in the place of its own; text, model and a seed that was drawn are its own. One that begins its answer stays as it is.
 *
 * @param options.isTemperatureKept - Its own temperature is kept as well.
 */
export function withSettings(
  request: Fields,
  settings: UserSettings,
  { isTemperatureKept }: { readonly isTemperatureKept: boolean },
): Fields {
  if ("continue_final_message" in request) return request;
  const settingFor = (name: string) => {
    if (TEXTS.has(name)) return request[name];
    if (name === "seed" && !isNamedSeed(settings["seed"])) return request["seed"];
    return name === "temperature" && isTemperatureKept ? request[name] : settings[name];
  };
  return Object.fromEntries(
    Object.keys(settings)
      .map((name) => [name, settingFor(name)])
      .filter(([, value]) => value !== undefined),
  );
}
