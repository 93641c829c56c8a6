import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// A model server that costs nothing: answers that are ready made, whole or as events in one burst.
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

const bodies = new Map([1, 64].map((tokens) => [tokens, { body: toBody(tokens), events: toEvents(tokens) }]));

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    const { max_tokens: tokens, stream } = JSON.parse(Buffer.concat(pieces).toString()) as { max_tokens: number; stream?: boolean };
    const answer = bodies.get(tokens);
    if (answer === undefined) return void response.writeHead(400).end();
    if (stream !== true) {
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(answer.body) };
      return void response.writeHead(200, headers).end(answer.body);
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of answer.events) response.write(event);
    return void response.end();
  });
});
// A connection may wait longer than the five seconds of Node's default for its next turn.
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit(0));
