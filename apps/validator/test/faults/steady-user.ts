import { setTimeout as delay } from "node:timers/promises";

/** What a user got: `answered`; `refused` is an error in OpenAI's shape that says when to come again; `broken` a stream that ended with an error event. */
export type UserCounts = { readonly answered: number; readonly refused: number; readonly broken: number };

/** A user who asks again and again until it is stopped. */
export type SteadyUser = {
  counts(): UserCounts;
  /** Resolves when every answer under way has come; rejects when one was none of {@link UserCounts}. */
  stop(): Promise<UserCounts>;
};

/** Questions that are asked at a time. */
export const USERS_AT_ONCE = 2;
const PAUSE_MS = 100;

/** Starts a user of a gateway who asks a few questions at a time, by turns for a stream and for an answer as a whole. */
export function startSteadyUser({ url, key, model }: { readonly url: string; readonly key: string; readonly model: string }): SteadyUser {
  const counts = { answered: 0, refused: 0, broken: 0 };
  let isStopped = false;

  async function ask(isStream: boolean): Promise<keyof UserCounts> {
    const messages = [{ role: "user", content: "What is the capital of Italy?" }];
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model, messages, max_tokens: 8, stream: isStream }),
    });
    const text = await response.text();
    if ([502, 503].includes(response.status) && response.headers.has("retry-after") && JSON.parse(text).error.code !== undefined)
      return "refused";
    if (response.status !== 200) throw new Error(`a user got ${response.status}: ${text}`);
    if (!isStream) {
      if (typeof JSON.parse(text).choices[0].message.content !== "string") throw new Error(`a user got no answer: ${text}`);
      return "answered";
    }
    // Whoever reads an error stops there: nothing follows it.
    if (/data: \{"error":[^\n]*\}\n\n$/.test(text)) return "broken";
    if (!text.endsWith("data: [DONE]\n\n")) throw new Error(`a user's stream has no end: ${text}`);
    return "answered";
  }

  const asking = Promise.all(
    Array.from({ length: USERS_AT_ONCE }, async (_, index) => {
      for (let turn = index; !isStopped; turn += 1) {
        counts[await ask(turn % 2 === 0)] += 1;
        await delay(PAUSE_MS);
      }
    }),
  );
  // Told by `stop`.
  asking.catch(() => undefined);
  return {
    counts: () => ({ ...counts }),
    async stop() {
      isStopped = true;
      await asking;
      return { ...counts };
    },
  };
}
