import { connect } from "node:net";

/** What the load is told: where the gateway is, a good key, and how many strangers send. */
export type Load = { readonly url: string; readonly key: string; readonly strangers: number; readonly seconds: number };

/** Latencies of the users' requests, milliseconds, in order of size, and how many of them were answered with 200. */
export type LoadResult = { readonly latenciesMs: readonly number[]; readonly okCount: number; readonly strangersAnswers: number };

const USERS_GAP_MS = 20;
const STRANGERS_GAP_MS = 400; // 2.5 a second each

/** 4 MB that take a parser longest: nothing but small values. */
const hostileBody = Buffer.from(`{"model":"chat-tiny","messages":[${"[],".repeat(1_390_000)}[]]}`);

async function ask({ url, key }: Load): Promise<boolean> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: "chat-tiny", messages: [{ role: "user", content: "hi" }], max_tokens: 20 }),
  });
  await response.arrayBuffer();
  return response.status === 200;
}

/** One keyless request with the whole body, on a connection of its own, whatever the gateway says meanwhile. */
async function sendHostile(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let hasAnswer = false;
  socket.on("error", () => undefined);
  socket.on("data", () => {
    hasAnswer = true;
    socket.end();
  });
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${hostileBody.length}\r\n\r\n`,
  );
  socket.write(hostileBody);
  await new Promise((resolve) => socket.once("close", resolve));
  return hasAnswer;
}

async function every(gapMs: number, untilMs: number, work: () => Promise<void>): Promise<void> {
  const all: Promise<void>[] = [];
  while (performance.now() < untilMs) {
    all.push(work());
    await new Promise((resolve) => setTimeout(resolve, gapMs));
  }
  await Promise.all(all);
}

async function run(load: Load): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  let okCount = 0;
  let strangersAnswers = 0;
  const untilMs = performance.now() + load.seconds * 1000;
  const users = every(USERS_GAP_MS, untilMs, async () => {
    const startMs = performance.now();
    if (await ask(load)) okCount += 1;
    latenciesMs.push(performance.now() - startMs);
  });
  const strangers = Array.from({ length: load.strangers }, () =>
    every(STRANGERS_GAP_MS, untilMs, async () => {
      if (await sendHostile(load.url)) strangersAnswers += 1;
    }),
  );
  await Promise.all([users, ...strangers]);
  return { latenciesMs: latenciesMs.sort((a, b) => a - b), okCount, strangersAnswers };
}

process.on("message", (load: Load) => {
  run(load).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
