import { settingsOf, type UserSettings } from "@vision/checking";
import type { CheckRecord } from "../domain/records/index.js";

/** With which settings users ask: numbers and switches, nothing that somebody wrote. */
export type UserSettingsBook = {
  /** Takes the request of an answer that is to be checked; the validator's own change nothing. */
  note(check: Pick<CheckRecord, "isOrganic" | "taskId" | "request">): void;
  /** Of a task, the newest ones. */
  of(taskId: string): readonly UserSettings[];
};

/** As many are kept of a task: a running sample, so what users do no longer is forgotten. */
const KEPT = 500;
/** Fewer would be seen again and again. */
const LEAST = 30;

/** Knows nothing at first. Answers to be checked are drawn from all alike, so their requests are a sample of all. */
export function createUserSettingsBook(): UserSettingsBook {
  const byTask = new Map<string, UserSettings[]>();
  return {
    note({ isOrganic, taskId, request }) {
      const settings = isOrganic && typeof request === "object" && request !== null ? settingsOf(request as Record<string, unknown>) : null;
      if (settings === null) return;
      const own = byTask.get(taskId) ?? [];
      byTask.set(taskId, own);
      own.push(settings);
      if (own.length > KEPT) own.shift();
    },
    of(taskId) {
      const own = byTask.get(taskId) ?? [];
      return own.length < LEAST ? [] : own;
    },
  };
}
