import { beforeAll, describe, expect, it } from "@jest/globals";
import { createRegistry, requestReportSchema } from "@vision/protocol";
import { BackendError, type MinerRequest } from "@vision/sdk";
import { createFakeBackend } from "@vision/sdk/testing";
import { ready } from "@vision/signing";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { startRealGateway } from "./fixtures/start-real-gateway.js";

const USER_ID = "ticket-4711/alice";

beforeAll(() => ready());

/** The way of one request: a user, the gateway, the exchange, two miners of the SDK that fails and that answers, and their logs. */
describe("the way from a user's x-request-id to a miner's log", () => {
  it("is one look, and nothing of it is on a miner's wire", async () => {
    const atMiners: MinerRequest[] = [];
    const minerLogger = recordingLogger();
    const away = createFakeBackend({ script: () => [{ kind: "fail", error: new BackendError({ code: "failed", message: "away" }) }] });
    const gateway = await startRealGateway([away, createFakeBackend()], {
      minerLogger,
      onMinerRequest: (request) => atMiners.push(request),
    });
    try {
      const body = { model: "chat-tiny", messages: [{ role: "user", content: "Hello" }], max_tokens: 8, seed: 1 };
      const response = await gateway.post("/v1/chat/completions", body, { headers: { "x-request-id": USER_ID } });
      expect([response.status, response.headers.get("x-request-id")]).toEqual([200, USER_ID]);
      await response.text();

      const report = await fetch(`${gateway.url}/v1/requests/${encodeURIComponent(USER_ID)}`, {
        headers: { authorization: `Bearer ${gateway.key}` },
      });
      const { tries } = requestReportSchema.parse(await report.json());
      const names = tries.map(({ requestName }) => requestName);
      expect(names).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/), expect.stringMatching(/^[0-9a-f]{16}$/)]);
      expect(new Set(names).size).toBe(2);

      const ended = () => minerLogger.lines.filter(({ message }) => message === "Request ended").map(({ facts }) => facts);
      expect(ended()).toEqual([
        expect.objectContaining({ requestName: names[0], outcome: "failed" }),
        expect.objectContaining({ requestName: names[1], outcome: "ok" }),
      ]);
      expect(minerLogger.lines.find(({ message }) => message === "The backend failed")?.facts).toMatchObject({ requestName: names[0] });
      const asked = gateway.logger.lines.filter(({ message }) => message === "A miner was asked for a user's request");
      expect(asked.map(({ facts }) => [facts["requestId"], facts["requestName"], facts["hotkey"]])).toEqual(
        tries.map(({ requestName, hotkey }) => [USER_ID, requestName, hotkey]),
      );

      // A synthetic request has a name of the same kind, and comes with the same headers.
      const target = gateway.board.candidates("chat-tiny").map((candidate) => candidate.target)[1];
      const task = createRegistry().get("chat-tiny");
      if (target === undefined || task === undefined) throw new Error("there is no miner, or no task");
      const signal = new AbortController().signal;
      const synthetic = await gateway.exchange.run({ target, task, request: { ...body, model: task.id }, isOrganic: false, signal });
      expect(synthetic?.requestName).toMatch(/^[0-9a-f]{16}$/);
      expect(ended().at(-1)).toMatchObject({ requestName: synthetic?.requestName, outcome: "ok" });
      const inferred = atMiners.filter(({ path }) => path === "/v1/chat/completions");
      expect(new Set(inferred.map(({ headers }) => Object.keys(headers).join())).size).toBe(1);
      expect(inferred).toHaveLength(3);
      const sent = atMiners.map(
        ({ path, headers, body: bytes }) => `${path} ${JSON.stringify(headers)} ${Buffer.from(bytes).toString("latin1")}`,
      );
      for (const text of sent) expect(text).not.toMatch(/4711|alice|x-request-id/i);
    } finally {
      await gateway.close();
    }
  });
});
