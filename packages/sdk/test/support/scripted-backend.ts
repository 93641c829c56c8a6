import { type BackendCall, BackendError, type BackendPart, type InferenceBackend } from "../../src/index.js";

/** One `chat.completion.chunk` as text. */
export function chatChunk(content: string, finishReason: string | null = null): string {
  return JSON.stringify({
    id: "c",
    object: "chat.completion.chunk",
    choices: [
      {
        index: 0,
        delta: { content },
        logprobs: content === "" ? null : { content: [{ token: content, logprob: -0.5, bytes: [...Buffer.from(content)] }] },
        finish_reason: finishReason,
      },
    ],
  });
}

/** A whole `chat.completion` as text. */
export function chatBody(content: string): string {
  return JSON.stringify({ id: "c", choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }] });
}

/** Lets a test decide when each part comes. */
export type Gate = { readonly backend: InferenceBackend; readonly calls: GatedCall[]; nextCall(): Promise<GatedCall> };

export type GatedCall = {
  readonly call: BackendCall;
  emit(part: BackendPart): void;
  end(): void;
  fail(error: unknown): void;
  /** True once the backend was told to stop. */
  readonly isAborted: boolean;
};

/** A backend whose answers are made by the test, part by part. Ignores its signal unless the test looks at it. */
export function createGatedBackend(): Gate {
  const calls: GatedCall[] = [];
  let seen = 0;
  const waiters: ((call: GatedCall) => void)[] = [];
  const backend: InferenceBackend = {
    specificationVersion: 1,
    name: "gated",
    async *run(call) {
      const queue: ({ part: BackendPart } | { end: true } | { error: unknown })[] = [];
      let wake = () => {};
      const put = (item: (typeof queue)[number]) => {
        queue.push(item);
        wake();
      };
      const gated: GatedCall = {
        call,
        emit: (part) => put({ part }),
        end: () => put({ end: true }),
        fail: (error) => put({ error }),
        get isAborted() {
          return call.signal.aborted;
        },
      };
      calls.push(gated);
      waiters.shift()?.(gated);
      for (;;) {
        while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        const item = queue.shift();
        if (item === undefined || "end" in item) return;
        if ("error" in item) throw item.error;
        yield item.part;
      }
    },
  };
  return {
    backend,
    calls,
    nextCall: () => {
      const unseen = calls[seen];
      seen += 1;
      return unseen === undefined ? new Promise((resolve) => waiters.push(resolve)) : Promise.resolve(unseen);
    },
  };
}
/** A backend that answers at once with these words. */
export function createWordBackend(words: readonly string[]): InferenceBackend {
  return {
    specificationVersion: 1,
    name: "words",
    async *run({ isStream }) {
      if (!isStream) {
        yield { kind: "body", body: chatBody(words.join("")) };
        return;
      }
      for (const word of words) yield { kind: "event", data: chatChunk(word) };
      yield { kind: "event", data: chatChunk("", "stop") };
    },
  };
}

/** A backend that throws this. */
export function createThrowingBackend(error: unknown): InferenceBackend {
  return {
    specificationVersion: 1,
    name: "throwing",
    // biome-ignore lint/correctness/useYield: it fails before its first part
    async *run() {
      throw error;
    },
  };
}

export const busy = new BackendError({ code: "busy", message: "full", retryAfterMs: 2_500 });
