import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ableRegistry, callingMiner } from "../src/testing/chat-answers.js";
import { embeddingMiner } from "../src/testing/embedding-miner.js";
import { chatEvents, completionEvents, type FakeMiner } from "../src/testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../src/testing/gateway-fixture.js";

/** A Python with `openai`, `langchain-openai`, `litellm` and `anthropic`, in an environment of its own. */
const python = process.env["VISION_CLIENTS_PYTHON"] ?? "";
const skipped = python === "" ? " (VISION_CLIENTS_PYTHON names no Python with these clients)" : "";

/** Serves every task: what it answers shows what it was asked. */
const miner: FakeMiner = (asked) => {
  const { request } = asked;
  if (request["prompt"] !== undefined) return { events: completionEvents([String(request["prompt"]), "!"]) };
  if (request["input"] !== undefined) return embeddingMiner(asked);
  return request["tools"] === undefined ? { events: chatEvents(["Hello", " there"]) } : callingMiner(asked);
};

let fixture: GatewayFixture;
afterEach(() => fixture.close());

/** What the script says of a client; its complaint where it fails. */
async function read(client: string): Promise<unknown> {
  fixture = await startGateway({ alice: miner }, { registry: ableRegistry });
  const script = join(import.meta.dirname, "python", "clients.py");
  const environment = { PATH: process.env["PATH"], PYTHONDONTWRITEBYTECODE: "1", LITELLM_LOCAL_MODEL_COST_MAP: "True" };
  const { stdout } = await promisify(execFile)(python, [script, fixture.url, await fixture.addKey(), client], { env: environment });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

const vectors = [
  [1, 0.5],
  [3, 0.5],
];
const calls = (toArguments: (text: string) => unknown) => [
  ["call_a", "weather", toArguments('{"city":"Rome"}')],
  ["call_b", "clock", toArguments("{}")],
];

describe("Python's clients, unchanged", () => {
  const test = python === "" ? it.skip : it;

  test(`openai${skipped}`, async () => {
    expect(await read("openai")).toEqual({
      ...{ whole: ["Hello there", 2, 2], streamed: "Hello there", usage: 2 },
      calls: calls((text) => text),
      plain: ["one!", "two!"],
      vectors,
      response: "Hello there",
      events: ["response.created", "response.completed"],
      models: expect.arrayContaining(["chat-tiny", "completion-tiny", "embedding-tiny", "image-tiny"]),
      error: ["NotFoundError", 404, "model_not_found", true],
    });
  });

  test(`LangChain${skipped}`, async () => {
    expect(await read("langchain")).toEqual({
      ...{ whole: ["Hello there", 2, "stop"], streamed: "Hello there", usage: [2] },
      calls: calls((text) => JSON.parse(text)),
      response: "Hello there",
      plain: ["one!", "two!"],
      vectors,
    });
  });

  test(`litellm${skipped}`, async () => {
    expect(await read("litellm")).toEqual({
      ...{ whole: ["Hello there", 2], streamed: "Hello there", usage: [2] },
      calls: calls((text) => text),
      plain: "one!",
      vectors,
      error: ["NotFoundError", 404],
    });
  });

  test(`anthropic${skipped}`, async () => {
    expect(await read("anthropic")).toEqual({ whole: ["Hello there", 2], streamed: "Hello there", usage: 2 });
  });
});
