import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { PACE_MS, readAsked } from "./gateway-asked.js";

// A model server that costs nothing: answers that are ready made, whole, or as events in one burst or paced.
const head = { id: "chatcmpl-1", created: 1, model: "chat-tiny" };
const words = (count: number) => Array.from({ length: count }, (_, index) => ` word${index}`);

function toBody(tokens: number): string {
  const message = { role: "assistant", content: words(tokens).join("") };
  const usage = { prompt_tokens: 9, completion_tokens: tokens, total_tokens: 9 + tokens };
  return JSON.stringify({ ...head, object: "chat.completion", choices: [{ index: 0, message, finish_reason: "stop" }], usage });
}

function toEvents(tokens: number): readonly string[] {
  const event = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  return [...words(tokens).map((content) => event({ content }, null)), event({}, "stop"), "data: [DONE]\n\n"];
}

const ready = new Map<number, { readonly body: string; readonly events: readonly string[] }>();
function answerOf(tokens: number) {
  const answer = ready.get(tokens) ?? { body: toBody(tokens), events: toEvents(tokens) };
  ready.set(tokens, answer);
  return answer;
}

async function stream(response: ServerResponse, events: readonly string[], isPaced: boolean): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events) {
    if (isPaced) await sleep(PACE_MS);
    response.write(event);
  }
  response.end();
}

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    const { tokens, isStream, isPaced } = readAsked(JSON.parse(Buffer.concat(pieces).toString()));
    const { body, events } = answerOf(tokens);
    if (isStream) return void stream(response, events, isPaced);
    return void response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
  });
});
// A connection may wait longer than the five seconds of Node's default for its next turn.
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: "none" }));
process.on("disconnect", () => process.exit(0));
