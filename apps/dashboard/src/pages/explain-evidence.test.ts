import { describe, expect, it } from "@jest/globals";
import { MOST_WEIGHT, VISION } from "@vision/scoring";
import { explainEvidence } from "./explain-evidence.js";

const decided = { evidence: { isDecided: true, decidedPeriod: 7, nats: 21, suspicion: "wrong draws" } };
const none = { evidence: { isDecided: false, decidedPeriod: null, nats: 0, suspicion: null } };

describe("explainEvidence", () => {
  it("goes by the parameters that the validator scored with", () => {
    const told = explainEvidence(decided, { actNats: 20, windowHours: 48 });
    expect([told.actNats, told.restartNats]).toEqual([20, 10]);
    expect(told.left).toBe("nothing for 48 hours after the decision of period 7; then every sum starts at 10.0 nats");
    expect(told.decision).toBe("this validator's setting, about ln(500,000,000): one honest engine of so many is taken for another");
  });

  it("says so where it has to take the default", () => {
    const told = explainEvidence(none, undefined);
    expect(told.actNats).toBe(VISION.evidence.actNats);
    expect(told.decision).toMatch(/^the default: the report does not say, about ln\(10,000\)/);
  });

  it("tells the most that one answer weighs as scoring has it", () => {
    expect(explainEvidence(none, undefined).weight).toContain(`at most ${MOST_WEIGHT.toFixed(1)} nats either way`);
  });
});
