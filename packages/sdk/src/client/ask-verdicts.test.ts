import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import type { MinerVerdict, VerdictsPage } from "@vision/protocol";
import { claimVerdicts, createHotkeyFromUri, type Hotkey, ready, signVerdicts } from "@vision/signing";
import { askVerdicts } from "./ask-verdicts.js";

let miner: Hotkey;
let validator: Hotkey;
let server: Server | undefined;

beforeAll(async () => {
  await ready();
  miner = createHotkeyFromUri("//Miner");
  validator = createHotkeyFromUri("//Validator");
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const verdict: MinerVerdict = {
  ...{ requestId: "r1", period: 7, taskId: "chat-tiny", atMs: 1_000, qualityFraction: 0.25, fault: "cutOff", reasons: ["was cut off"] },
  ...{ excessNats: 1.5, firstTokenMs: 12.5, durationMs: 250.25, units: 40 },
};

type Question = { readonly uuid: string; readonly after: string | null };

function sign({ uuid }: Question, changes: Partial<Pick<VerdictsPage, "verdicts" | "next">> = {}, hotkey = validator): VerdictsPage {
  const page = { miner: miner.address, uuid, atMs: 5, verdicts: [verdict], next: null, ...changes };
  return { ...page, validator: hotkey.address, signatureHex: signVerdicts(hotkey, claimVerdicts(page)) };
}

/** What a miner learns from a validator that answers so. */
async function learn(answer: (question: Question, response: ServerResponse, request: IncomingMessage) => unknown) {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      const { after = null } = JSON.parse(body) as { readonly after?: string | null };
      const value = answer({ uuid: String(request.headers["epistula-uuid"]), after }, response, request);
      if (value !== undefined) response.end(JSON.stringify(value));
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return askVerdicts({ url, validator: validator.address, hotkey: miner, sinceMs: 0 });
}

describe("askVerdicts", () => {
  it("reads all pages of a validator, each signed for its own request", async () => {
    const asked: (string | null)[] = [];
    const result = await learn((question) => {
      asked.push(question.after);
      return sign(question, question.after === null ? { next: "7.1" } : { verdicts: [{ ...verdict, requestId: "r2" }] });
    });
    expect(result).toMatchObject({ ok: true, verdicts: [verdict, { requestId: "r2" }], pages: [{ next: "7.1" }, { next: null }] });
    expect(asked).toEqual([null, "7.1"]);
  });

  it.each<[string, (question: Question) => VerdictsPage]>([
    ["a verdict that was changed on the way", (question) => ({ ...sign(question), verdicts: [{ ...verdict, qualityFraction: 1 }] })],
    ["a page that was cut", (question) => ({ ...sign(question), verdicts: [] })],
    ["an answer to an earlier request", () => sign({ uuid: "earlier", after: null })],
    ["an earlier answer with this request's uuid", ({ uuid }) => ({ ...sign({ uuid: "earlier", after: null }), uuid })],
    ["another miner's page", (question) => ({ ...sign(question), miner: validator.address })],
    ["a page by another hotkey", (question) => sign(question, {}, miner)],
    ["a page by another hotkey in the validator's name", (question) => ({ ...sign(question, {}, miner), validator: validator.address })],
  ])("does not believe %s", async (_name, answer) => {
    expect(await learn(answer)).toEqual({ ok: false, reason: expect.stringContaining("is not signed") });
  });

  it.each<[string, RegExp, (response: ServerResponse) => unknown]>([
    ["an endless answer", /bytes/, (response) => void response.end("x".repeat(3 * 1024 * 1024))],
    ["something else", /no page/, (response) => void response.end("<html>")],
    ["a deep answer", /no page/, (response) => void response.end(`${"[".repeat(10_000)}${"]".repeat(10_000)}`)],
    [
      "a refusal",
      /status 429: Slow down\?$/,
      (response) => {
        response.statusCode = 429;
        return { error: { message: "Slow down\u0007" } };
      },
    ],
    ["a redirect", /status 307$/, (response) => void response.writeHead(307, { location: "http://127.0.0.1:1/" }).end()],
    ["a cut connection", /./, (response) => void response.destroy()],
  ])("tells why there is nothing: %s", async (_name, reason, answer) => {
    const result = await learn((_question, response) => answer(response));
    expect(result).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  it("gives up a validator whose pages never end", async () => {
    let pages = 0;
    const result = await learn((question) => {
      pages += 1;
      return sign(question, { verdicts: [], next: "1.1" });
    });
    expect(result).toEqual({ ok: false, reason: "it has more than 100 pages" });
    expect(pages).toBe(100);
  });
});
