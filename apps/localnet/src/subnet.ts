import { getFamily, type TaskFamily } from "@vision/protocol";
import { type Profile, profiles } from "./profiles.js";

/** A request as a user makes it. */
export type UserDraft = {
  readonly taskId: string;
  readonly family: TaskFamily;
  readonly body: Readonly<Record<string, unknown>>;
};

/** What a local subnet serves, and who serves it. */
export type LocalSubnet = {
  readonly profiles: readonly Profile[];
  /** Work units per hour that a factor of 1 stands for, by task. */
  readonly capacityPerHour: Readonly<Record<string, number>>;
  /** The miner's configuration of the backend behind a profile. */
  backendOf(profile: Profile): object;
  /** What the validator's configuration says of tasks and references. */
  readonly validatorSettings: object;
  /** A user's requests of one round. */
  draftRequests(round: number): readonly UserDraft[];
};

const capitals = ["Italy", "France", "Japan", "Peru", "Kenya", "Norway", "Chile", "Egypt"];
const pictures = ["red apple", "rocket", "panda face", "blue heart", "sun", "strawberry", "fish", "star"];

/** Chat with and without a stream. */
export function draftChats(taskId: string, round: number): readonly UserDraft[] {
  const family = getFamily("chat-completions");
  const messages = [{ role: "user", content: `What is the capital of ${capitals[round % capitals.length]}?` }];
  const chat = { model: taskId, messages, max_tokens: 24 };
  return [
    { taskId, family, body: { ...chat, stream: true } },
    { taskId, family, body: chat },
  ];
}

/** The subnet of `npm start`: everything that the embedded models can do. */
export const embeddedSubnet: LocalSubnet = {
  profiles,
  // Chosen so that eight miners and all checks fit on two cores.
  capacityPerHour: { "chat-tiny": 28_800, "completion-tiny": 28_800, "image-tiny": 3_840 },
  backendOf: ({ behaviour }) => ({ kind: "tiny", ...(behaviour.hasCheaperModel ? { model: "tiny-lm-small-q8_0" } : {}) }),
  validatorSettings: {
    // Short requests: a period of 20 s has to hold enough of them to tell miners apart, on two cores that run everything.
    taskChanges: {
      "chat-tiny": { typicalUnitsPerRequest: 16 },
      "completion-tiny": { typicalUnitsPerRequest: 16 },
      "image-tiny": { typicalUnitsPerRequest: 4 },
      // A fourth task would leave too few requests for each: who fails a quarter of three is not found out.
      "embedding-tiny": { isEnabled: false },
    },
  },
  draftRequests: (round) => [
    ...draftChats("chat-tiny", round),
    {
      taskId: "completion-tiny",
      family: getFamily("completions"),
      body: { model: "completion-tiny", prompt: "Once upon a time", max_tokens: 24 },
    },
    {
      taskId: "image-tiny",
      family: getFamily("image-generation"),
      body: { model: "image-tiny", prompt: pictures[round % pictures.length], steps: 6, response_format: "b64_json" },
    },
  ],
};
