import { createHotkeyFromUri, createMiner, type Miner, type MinerResponse, silentLogger } from "@vision/sdk";
import { type MinerServer, serve } from "@vision/sdk/node";
import { createFakeBackend, fakeAnswer } from "@vision/sdk/testing";

/** What a hostile miner answers. */
export type HostileKind = keyof typeof hostileAnswers | "dribbled";

const chunk = (choice: object) => JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", choices: [{ index: 0, ...choice }] });
const event = (data: string) => `data: ${data}\n\n`;
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const fields = Array.from({ length: 300_000 }, (_, key) => `"k${key}":0`).join();
const manyKeys = `{"created":1,"data":[{"b64_json":"${pixel}"}],${fields}}`;

/** A picture of as many chunks as its bytes allow, every other of which is no part of it. */
function manyChunks(): string {
  const pngChunk = (type: string, data = "") => `\0\0\0${String.fromCharCode(data.length)}${type}${data}\0\0\0\0`;
  const chunks = (pngChunk("IDAT").repeat(8) + pngChunk("tEXt")).repeat(40_000);
  return btoa(`\x89PNG\r\n\x1a\n${pngChunk("IHDR", "\0".repeat(13))}${chunks}${pngChunk("IEND")}`);
}

/** One character at a time, each in a write of its own. */
async function* dribble(body: MinerResponse["body"]): AsyncGenerator<string, void> {
  for await (const text of typeof body === "string" ? [body] : body) {
    for (const character of text) {
      yield character;
      await new Promise(setImmediate);
    }
  }
}

async function* whole(text: string): AsyncGenerator<string, void> {
  yield text;
}

/** Answers that cost whoever reads them as much as they can, by what they do. */
export const hostileAnswers = {
  /** One event with as many entries that are none as a parser once choked on. */
  badLogprobs: () => whole(event(chunk({ delta: { content: "a" }, logprobs: { content: new Array(124_000).fill({}) } }))),
  /** As many as the request's bounds let through to the parser. */
  mostLogprobs: () => whole(event(chunk({ delta: { content: "a" }, logprobs: { content: new Array(20_000).fill({ token: "" }) } }))),
  /** A text as large as an event may be. */
  largestEvent: () => whole(event(chunk({ delta: { content: "a".repeat(900_000) } }))),
  /** A picture beside as many fields as the bytes allow. */
  manyKeys: () => manyKeys,
  /** A picture that is cut to pieces where everything beside it is taken out. */
  manyChunks: () => JSON.stringify({ created: 1, data: [{ b64_json: manyChunks() }] }),
} as const;

/** A miner whose every answer is of that kind, `dribbled` being a good one, receipt included, byte by byte; it opens sessions and declares capacity as a good one. */
export async function startHostileMiner(kinds: readonly HostileKind[], uri: string): Promise<MinerServer & { readonly hotkey: string }> {
  const hotkey = createHotkeyFromUri(uri);
  const backend = createFakeBackend({ script: (call) => fakeAnswer(call, "Hello") });
  const tasks = { "chat-tiny": { capacityPerHour: 1e9 }, "image-tiny": { capacityPerHour: 1e9 } };
  const good = createMiner({ hotkey, tasks, backend, logger: silentLogger });
  let count = 0;
  const miner: Miner = {
    ...good,
    async handle(request) {
      if (!/completions|images/.test(request.path)) return good.handle(request);
      const kind = kinds[count++ % kinds.length] ?? "dribbled";
      if (kind === "dribbled") {
        const answer = await good.handle(request);
        return { ...answer, body: dribble(answer.body) };
      }
      const body = hostileAnswers[kind]();
      const contentType = typeof body === "string" ? "application/json" : "text/event-stream";
      return { status: 200, headers: { "content-type": contentType }, body };
    },
  };
  const server = await serve(miner, { host: "127.0.0.1", port: 0 });
  return { ...server, hotkey: hotkey.address };
}
