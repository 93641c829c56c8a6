// Cost of one event of a streamed chat answer on its way from a miner to a user: read, counted, written again. The baseline reads it the
// way it was once read: by schemas, and once more for the user. Standalone, from the sources:
//   node packages/protocol/bench/event.bench.mjs
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { z } from "zod";

const ROUNDS = 15;
const EVENTS = 2_000;
const LONGEST_RATIO = 0.5;

async function loadProtocol() {
  const bundle = await build({
    entryPoints: [resolve(import.meta.dirname, "../src/index.ts")],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["@vision/source"],
    logLevel: "error",
  });
  return import(`data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].contents).toString("base64")}`);
}

const event = JSON.stringify({
  id: "chatcmpl-0123456789abcdef",
  object: "chat.completion.chunk",
  created: 1_750_000_000,
  model: "some-model",
  choices: [
    {
      index: 0,
      delta: { content: " hello" },
      logprobs: { content: [{ token: " hello", logprob: -0.25, bytes: [32, 104, 101, 108, 108, 111], top_logprobs: [] }] },
      finish_reason: null,
    },
  ],
});

const tokenSchema = z.looseObject({
  token: z.string().max(4096),
  logprob: z.number().max(0.001),
  bytes: z.array(z.int().min(0).max(255)).max(4096).nullish(),
  top_logprobs: z.array(z.unknown()).nullish(),
});
const chunkSchema = z.looseObject({
  id: z.string().max(256).nullish(),
  choices: z
    .array(
      z.looseObject({
        index: z.int().min(0).nullish(),
        delta: z.looseObject({ role: z.string().nullish(), content: z.string().nullish() }).nullish(),
        logprobs: z.looseObject({ content: z.array(tokenSchema).nullish() }).nullish(),
        finish_reason: z.string().max(64).nullish(),
      }),
    )
    .max(8),
});
const text = z.string().nullish();
const deltaSchema = z.object({ role: text, content: text, refusal: text, reasoning_content: text });

function bySchemas({ isJsonTooDeep }) {
  const texts = [];
  return (data) => {
    if (isJsonTooDeep(data)) throw new Error("too deep");
    const [choice] = chunkSchema.parse(JSON.parse(data)).choices;
    texts.push(choice.delta.content, ...choice.logprobs.content.map(({ token }) => token));
    const [again] = JSON.parse(data).choices;
    const head = { id: "chatcmpl-user", object: "chat.completion.chunk", created: 1, model: "chat-tiny" };
    return `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta: deltaSchema.parse(again.delta), logprobs: null, finish_reason: null }] })}\n\n`;
  };
}

function byParts({ getFamily, findJsonExcess, encodeEventText }) {
  const family = getFamily("chat-completions");
  const request = { model: "m", messages: [{ role: "user", content: "x" }], max_tokens: 131_072, stream: true };
  const collector = family.createCollector({ ...request, logprobs: true });
  const presenter = family.createPresenter({ id: "chatcmpl-user", createdSeconds: 1, model: "chat-tiny", request });
  const { values } = family.replyLimits(request);
  return (data) => {
    if (findJsonExcess(data, { values }) !== null) throw new Error("too much");
    const added = collector.addEvent(JSON.parse(data));
    if (!added.ok) throw new Error(added.reason);
    return encodeEventText(presenter.addParts(added.parts).json);
  };
}

function microseconds(work) {
  const startedMs = performance.now();
  for (let index = 0; index < EVENTS; index += 1) work(event);
  return ((performance.now() - startedMs) * 1000) / EVENTS;
}

/** Prints both times and their ratio, taken in turns in this process. */
export async function run() {
  const protocol = await loadProtocol();
  const baselineTimes = [];
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    baselineTimes.push(microseconds(bySchemas(protocol)));
    times.push(microseconds(byParts(protocol)));
  }
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const [baseline, own] = [median(baselineTimes), median(times)];
  const ratio = own / baseline;
  console.log(
    `an event of ${Buffer.byteLength(event)} bytes: ${own.toFixed(2)} us by parts, ${baseline.toFixed(2)} us by schemas, ratio ${ratio.toFixed(2)}`,
  );
  return ratio <= LONGEST_RATIO;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exitCode = (await run()) ? 0 : 1;
