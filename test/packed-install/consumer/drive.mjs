// Starts the compiled sample in front of a stand-in model server, and a second miner on the embedded model; asks both as a validator would.
import { once } from "node:events";
import { createServer } from "node:http";
import { defaultTasks } from "@vision/protocol";
import { createHotkeyFromUri, createMiner, ready } from "@vision/sdk";
import { tiny } from "@vision/sdk/backends";
import { createMinerClient } from "@vision/sdk/client";
import { serve } from "@vision/sdk/node";

const modelServer = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const content of ["from the ", "model server"]) {
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
  }
  response.end(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`);
});
modelServer.listen(0, "127.0.0.1");
await once(modelServer, "listening");

process.env.BASE_URL = `http://127.0.0.1:${modelServer.address().port}/v1`;
process.env.PORT = "0";
const { server: sample } = await import("./out/miner.js");

await ready();
const hotkey = createHotkeyFromUri("//Alice");
const embedded = await serve(createMiner({ hotkey, tasks: { "chat-tiny": { capacityPerHour: 60_000 } }, backend: tiny() }), { port: 0 });

const client = createMinerClient({ hotkey: createHotkeyFromUri("//Bob") });
const task = defaultTasks.find(({ id }) => id === "chat-tiny");

async function ask(port) {
  const request = { messages: [{ role: "user", content: "What is the capital of Italy?" }], max_tokens: 24, temperature: 0, seed: 1 };
  const reply = await client.send({ hotkey: hotkey.address, host: "127.0.0.1", port }, { task, request, isStream: true });
  if (reply.kind !== "stream") return JSON.stringify(reply);
  let text = "";
  for await (const event of reply.events) text += JSON.parse(event.data).choices[0]?.delta?.content ?? "";
  return text;
}

const answers = { sample: await ask(sample.port), embedded: await ask(embedded.port) };
await client.close();
await sample.close();
await embedded.close();
modelServer.closeAllConnections();
modelServer.close();
process.stdout.write(JSON.stringify(answers));
