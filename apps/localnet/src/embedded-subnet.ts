import { getFamily, imageEdits } from "@vision/protocol";
import { profiles } from "./profiles.js";
import { draftChats, type LocalSubnet, type UserDraft } from "./subnet.js";

type EmbeddedTask = {
  /** Chosen so that all miners and all checks fit on two cores. */
  readonly capacityPerHour: number;
  /** Short requests: a period of 20 s has to hold enough of them to tell miners apart, on two cores that run everything. */
  readonly typicalUnitsPerRequest: number;
  draft(taskId: string, round: number): readonly UserDraft[];
};

const pictures = ["red apple", "rocket", "panda face", "blue heart", "sun", "strawberry", "fish", "star"];
const pictureOf = (round: number) => pictures[round % pictures.length];

/** What the embedded models can serve, by task. */
const embeddedTasks: Readonly<Record<string, EmbeddedTask>> = {
  "chat-tiny": { capacityPerHour: 21_600, typicalUnitsPerRequest: 16, draft: draftChats },
  "completion-tiny": {
    capacityPerHour: 21_600,
    typicalUnitsPerRequest: 16,
    draft: (taskId) => [{ taskId, family: getFamily("completions"), body: { model: taskId, prompt: "Once upon a time", max_tokens: 24 } }],
  },
  "image-tiny": {
    capacityPerHour: 2_880,
    typicalUnitsPerRequest: 4,
    draft: (taskId, round) => [
      {
        taskId,
        family: getFamily("image-generation"),
        body: { model: taskId, prompt: pictureOf(round), steps: 6, response_format: "b64_json" },
      },
    ],
  },
  "image-edit-tiny": {
    capacityPerHour: 2_880,
    typicalUnitsPerRequest: 4,
    draft: (taskId, round) => [
      {
        taskId,
        family: getFamily(imageEdits.name),
        body: { ...imageEdits.smallRequest(taskId), prompt: pictureOf(round), steps: 8, strength: 0.75, seed: round },
      },
    ],
  },
  "embedding-tiny": {
    capacityPerHour: 21_600,
    typicalUnitsPerRequest: 16,
    draft: (taskId, round) => [
      { taskId, family: getFamily("embeddings"), body: { model: taskId, input: `A picture of a ${pictureOf(round)}` } },
    ],
  },
};

/** Tasks that localnet can serve without a model of one's own. */
export const embeddedTaskIds: readonly string[] = Object.keys(embeddedTasks);

/** Those that it serves unless asked for others: a fourth would leave too few requests for each, and who fails a quarter of three is not found out. */
export const defaultTaskIds: readonly string[] = ["chat-tiny", "completion-tiny", "image-tiny"];

/** A subnet on the embedded models that serves these of their tasks, and no others. */
export function createEmbeddedSubnet(taskIds: readonly string[] = defaultTaskIds): LocalSubnet {
  const served = Object.entries(embeddedTasks).filter(([id]) => taskIds.includes(id));
  return {
    profiles,
    capacityPerHour: Object.fromEntries(served.map(([id, { capacityPerHour }]) => [id, capacityPerHour])),
    // Above a half: two hotkeys on one machine are asked at the same time for more than it has. The rest is users'.
    triedShare: { from: 0.6, to: 0.75 },
    backendOf: ({ behaviour }) => ({ kind: "tiny", ...(behaviour.hasCheaperModel ? { model: "tiny-lm-small-q8_0" } : {}) }),
    validatorSettings: {
      taskChanges: Object.fromEntries(
        Object.entries(embeddedTasks).map(([id, { typicalUnitsPerRequest }]) => [
          id,
          taskIds.includes(id) ? { isEnabled: true, typicalUnitsPerRequest } : { isEnabled: false },
        ]),
      ),
    },
    draftRequests: (round) => served.flatMap(([id, { draft }]) => draft(id, round)),
  };
}
