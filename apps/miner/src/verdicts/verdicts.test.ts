import { describe, expect, it } from "@jest/globals";
import { fakeNeuron } from "@vision/chain/testing";
import { type AskVerdictsOptions, faultCodes, type MinerVerdict, type VerdictsResult } from "@vision/sdk/client";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { collectVerdicts } from "./collect-verdicts.js";
import { describeVerdicts } from "./describe-verdicts.js";
import { adviseOn } from "./fault-advice.js";
import { safeParseSince } from "./parse-since.js";

const gatewayEndpoint = { host: "8.8.4.4", port: 8080 };
const neurons = [
  fakeNeuron({ hotkey: "5Open", hasValidatorPermit: true, gatewayEndpoint }, 0),
  fakeNeuron({ hotkey: "5Six", hasValidatorPermit: true, gatewayEndpoint: { host: "2001:4860:4860::8888", port: 80 } }, 1),
  fakeNeuron({ hotkey: "5Hidden", hasValidatorPermit: true, endpoint: gatewayEndpoint }, 2),
  fakeNeuron({ hotkey: "5Inside", hasValidatorPermit: true, gatewayEndpoint: { host: "192.168.1.1", port: 80 } }, 4),
  fakeNeuron({ hotkey: "5Miner", hasValidatorPermit: false, gatewayEndpoint }, 3),
];

const verdict = (requestId: string, changes: Partial<MinerVerdict> = {}): MinerVerdict => ({
  ...{ requestId, period: 7, taskId: "chat-tiny", atMs: 1_764_000_000_000, qualityFraction: 1, fault: null, reasons: [] },
  ...{ excessNats: null, firstTokenMs: 12.5, durationMs: 250.25, units: 40 },
  ...changes,
});

async function collect(validator: string, url: string | null, answer: VerdictsResult = { ok: true, verdicts: [], pages: [] }) {
  await ready();
  const asked: Pick<AskVerdictsOptions, "url" | "validator">[] = [];
  const hotkey = createHotkeyFromUri("//Miner");
  const found = await collectVerdicts({ validator, url, arePrivateAllowed: false, neurons, hotkey, sinceMs: 5 }, async (options) => {
    asked.push({ url: options.url, validator: options.validator });
    return answer;
  });
  return { found, asked };
}

describe("verdicts", () => {
  it("asks every validator that publishes an address, and no miner", async () => {
    expect((await collect("all", null)).asked).toEqual([
      { validator: "5Open", url: "http://8.8.4.4:8080" },
      { validator: "5Six", url: "http://[2001:4860:4860::8888]:80" },
    ]);
  });

  it("asks nobody in a private network because a validator says so on the chain, but who is given with --url", async () => {
    const { asked, found } = await collect("5Inside", null);
    expect([asked, found]).toMatchObject([[], [{ url: "http://192.168.1.1:80", problem: expect.stringContaining("public internet") }]]);
    expect((await collect("5Inside", "http://10.0.0.7:80")).asked).toHaveLength(1);
  });

  it("asks one validator where it is said to be, and believes only who has a permit on the chain", async () => {
    const url = "https://api.example";
    expect((await collect("5Hidden", url)).asked).toEqual([{ validator: "5Hidden", url }]);
    expect((await collect("5Hidden", null)).found).toMatchObject([{ problem: expect.stringContaining("--url") }]);
    for (const stranger of ["5Miner", "5Nobody"]) {
      const { asked, found } = await collect(stranger, url);
      expect({ stranger, asked, found }).toMatchObject({
        stranger,
        asked: [],
        found: [{ problem: expect.stringContaining("no validator") }],
      });
    }
  });

  it("shows the worst first, says what to do, and prints nothing that a validator could play tricks with", async () => {
    const verdicts = [
      verdict("good"),
      verdict("bad", { qualityFraction: 0, fault: "otherPrompt", reasons: ["the engine read another prompt", "\u001b[2Jhidden"] }),
      verdict("so-so", { qualityFraction: 0.5, fault: "otherPrompt", reasons: ["x"] }),
      verdict("new", { qualityFraction: 0.7, fault: "somethingNew" }),
    ];
    const text = describeVerdicts((await collect("5Open", null, { ok: true, verdicts, pages: [] })).found);
    const order = ["bad", "so-so", "new", "good"].map((id) => text.search(new RegExp(`${id}$`, "m")));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
    expect(text).toContain("4 answers checked, 1 without a fault");
    expect(text).toMatch(/otherPrompt, 2 times: The backend reads another prompt: use the model's own chat template/);
    expect(text).toMatch(/somethingNew, 1 times: a later version/);
    expect(text).not.toContain("\u001b");
  });

  it("says why a validator told nothing", async () => {
    const { found } = await collect("5Open", null, { ok: false, reason: "its answer is not signed" });
    expect(describeVerdicts(found)).toBe("5Open at http://8.8.4.4:8080: its answer is not signed.\n");
    expect(describeVerdicts([])).toMatch(/--url/);
  });

  it("has advice on every fault", () => {
    for (const fault of faultCodes) expect({ fault, advice: adviseOn(fault) }).toEqual({ fault, advice: expect.any(String) });
    expect(adviseOn("constructor")).toBeNull();
  });

  it("reads a time, and nothing that is none", () => {
    expect(["30m", "24h", "7d"].map(safeParseSince)).toEqual([1_800_000, 86_400_000, 604_800_000]);
    for (const text of ["", "24", "h", "-1h", "1.5h", "1w", "999999d"])
      expect({ text, ms: safeParseSince(text) }).toEqual({ text, ms: null });
  });
});
