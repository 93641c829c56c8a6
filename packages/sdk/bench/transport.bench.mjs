// What encryption on the way costs: one request, and one further event of a streamed answer, over plain HTTP and over TLS 1.3 in one run.
// CPU of both ends together, on loopback; medians of several rounds.
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createTransportCertificate } from "@vision/sdk/node";
import { Pool } from "undici";

const ROUNDS = 7;
const EVENTS = 200;
const certificate = createTransportCertificate();
const event = `data: ${JSON.stringify({ choices: [{ delta: { content: "hello" }, logprobs: { content: [{ token: "hello", logprob: -0.25 }] } }], padding: "x".repeat(140) })}\n\n`;

async function answer(request, response) {
  request.resume();
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (let index = 0; index < Number(request.headers["x-events"]); index += 1) {
    response.write(event);
    await new Promise(setImmediate);
  }
  response.end();
}

async function measure({ server, scheme, connect }, events, requests) {
  const pool = new Pool(`${scheme}://127.0.0.1:${server.address().port}`, { connections: 1, connect });
  const ask = async () => {
    const { body } = await pool.request({ path: "/", method: "POST", headers: { "x-events": String(events) }, body: "x".repeat(1000) });
    for await (const _ of body);
  };
  for (let index = 0; index < 30; index += 1) await ask();
  const before = process.cpuUsage();
  for (let index = 0; index < requests; index += 1) await ask();
  const { user, system } = process.cpuUsage(before);
  await pool.destroy();
  return (user + system) / requests;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const ends = [
  { name: "plain", scheme: "http", server: createHttpServer(answer), connect: {} },
  {
    name: "tls",
    scheme: "https",
    server: createHttpsServer({ key: certificate.keyPem, cert: certificate.certificatePem }, answer),
    connect: { ca: certificate.certificatePem, checkServerIdentity: () => undefined },
  },
];
const costs = { plain: { request: [], event: [] }, tls: { request: [], event: [] } };
for (const { server } of ends) await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const end of ends) {
    const one = await measure(end, 1, 500);
    const many = await measure(end, 1 + EVENTS, 20);
    costs[end.name].request.push(one);
    costs[end.name].event.push((many - one) / EVENTS);
  }
}
for (const { server } of ends) server.close();
for (const part of ["request", "event"]) {
  const plain = median(costs.plain[part]);
  const tls = median(costs.tls[part]);
  console.log(
    `${part}: plain ${plain.toFixed(1)} us, TLS ${tls.toFixed(1)} us, added ${((tls - plain) / 2).toFixed(1)} us an end, x${(tls / plain).toFixed(2)}`,
  );
}
