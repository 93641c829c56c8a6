import { getFamily, type TaskFamily } from "@vision/protocol";
import type { Profile } from "./profiles.js";

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
  /** Share of what is declared that every period tries, drawn between the two. */
  readonly triedShare: { readonly from: number; readonly to: number };
  /** The miner's configuration of the backend behind a profile. */
  backendOf(profile: Profile): object;
  /** What the validator's configuration says of tasks and references. */
  readonly validatorSettings: object;
  /** A user's requests of one round. */
  draftRequests(round: number): readonly UserDraft[];
};

/** Work units per hour of a factor, by task. */
export function scaleCapacity({ capacityPerHour }: LocalSubnet, factor: number): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(capacityPerHour).map(([id, units]) => [id, units * factor]));
}

// Few, so that each is asked for again once it is known who answers right: at first users meet cheats as well.
const capitals = ["Italy", "France", "Japan", "Peru"];

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
