import { describe, expect, it } from "@jest/globals";
import type { Neuron } from "@vision/chain";
import { createFakeChain } from "@vision/chain/testing";
import { planWeights, selectWeights, type WeightPlan, type WeightSight } from "./plan-weights.js";
import type { WeightSetRecord } from "./records/index.js";

const chain = createFakeChain({
  netuid: 1,
  neurons: [{ hotkey: "own", hasValidatorPermit: true }, { hotkey: "alice" }, { hotkey: "bob", registeredAtBlock: 90 }],
});
const metagraph = await chain.getMetagraph(1);
const [neuron] = metagraph.neurons as readonly [Neuron, ...Neuron[]];
const own = (lastUpdateBlock: number): Neuron => ({ ...neuron, lastUpdateBlock });

function aRow(epochBlock: number, changes: Partial<WeightSetRecord> = {}): WeightSetRecord {
  const weights = [
    { uid: 1, weightU16: 65_535 },
    { uid: 2, weightU16: 30_000 },
  ];
  return { netuid: 1, epochBlock, weights, state: "set", includedAtBlock: epochBlock - 5, detail: null, reveal: null, ...changes };
}

/** Ten blocks before an epoch of a chain with a tempo of 99, so that an epoch takes 100 blocks. */
const sight: WeightSight = {
  blockNumber: 190,
  nextEpochBlock: 200,
  hyperparameters: { tempoBlocks: 99, weightsRateLimitBlocks: 20, isCommitRevealEnabled: false, revealPeriodEpochs: 2 },
  seenAtBlock: 190,
  own: own(95),
  uncertain: null,
  left: [],
  last: null,
  isForced: false,
};

const set = { kind: "set", own: own(95) } as const;
const wait = (untilBlock: number) => ({ kind: "waiting", untilBlock }) as const;

describe("planWeights", () => {
  const cases: readonly (readonly [string, Partial<WeightSight>, WeightPlan["decision"]])[] = [
    ["sets within the lead before an epoch", {}, set],
    ["sets one block before the epoch, the last that still lands in it", { blockNumber: 198 }, set],
    ["waits where a call would land in the next epoch", { blockNumber: 199 }, wait(200)],
    ["waits for the lead", { blockNumber: 150 }, wait(190)],
    ["does not wait for the lead when forced", { blockNumber: 150, isForced: true }, set],
    ["waits for the rate limit", { own: own(180) }, wait(199)],
    ["waits for the rate limit also when forced", { own: own(180), isForced: true }, wait(199)],
    ["knows no rate limit before the first weights", { own: own(0) }, { kind: "set", own: own(0) }],
    ["refuses without a registration", { own: null }, { kind: "skipped", reason: "this hotkey is not registered", untilBlock: 200 }],
    [
      "refuses without a permit",
      { own: { ...own(95), hasValidatorPermit: false } },
      { kind: "skipped", reason: "this hotkey has no validator permit", untilBlock: 200 },
    ],
    [
      "does not set again what a lost call brought into a block",
      { uncertain: { epochBlock: 200, lastUpdateBlock: 80, weights: aRow(200).weights } },
      { kind: "found", blockNumber: 95 },
    ],
    [
      "sets after a lost call that is in no block",
      { uncertain: { epochBlock: 200, lastUpdateBlock: 95, weights: aRow(200).weights } },
      set,
    ],
  ];
  it.each(cases)("%s", (_, changes, decision) =>
    expect(planWeights({ ...sight, ...changes }, { leadBlocks: 10 }).decision).toEqual(decision),
  );

  const findings: readonly (readonly [string, Partial<WeightSight>, WeightPlan["settled"]])[] = [
    ["nothing where nothing is open", { last: aRow(100) }, []],
    [
      "a lost call that is in a block",
      { uncertain: { epochBlock: 200, lastUpdateBlock: 80, weights: aRow(200).weights } },
      [{ epochBlock: 200, includedAtBlock: 95, finding: "found-after-failure", committed: null }],
    ],
    [
      "an earlier process's weights, by our last update in their epoch",
      { left: [aRow(100, { state: "submitting" })], own: own(95) },
      [{ epochBlock: 100, includedAtBlock: 95, finding: "found-after-restart", committed: null }],
    ],
    [
      "an earlier process's weights that came into no block",
      { left: [aRow(100, { state: "submitting" })], own: own(0) },
      [{ epochBlock: 100, includedAtBlock: null, finding: "missing-after-restart", committed: null }],
    ],
    [
      "a commit of an earlier process with the block at which it is opened",
      { left: [aRow(100, { state: "submitting" })], hyperparameters: { ...sight.hyperparameters, isCommitRevealEnabled: true } },
      [
        {
          ...{ epochBlock: 100, includedAtBlock: 95, finding: "found-after-restart" },
          committed: { revealBlock: 203, weights: aRow(100).weights },
        },
      ],
    ],
    ["nothing of weights that may still come", { left: [aRow(200, { state: "submitting" })], own: own(95) }, []],
    [
      "weights that a reorganisation dropped",
      { last: aRow(200, { includedAtBlock: 186 }), own: own(95) },
      [{ epochBlock: 200, includedAtBlock: null, finding: "dropped", committed: null }],
    ],
    ["nothing of weights whose block may still come back", { last: aRow(200, { includedAtBlock: 187 }), own: own(95) }, []],
    ["nothing of weights that are where they were", { last: aRow(200, { includedAtBlock: 186 }), own: own(186) }, []],
  ];
  it.each(findings)("settles %s", (_, changes, settled) =>
    expect(planWeights({ ...sight, ...changes }, { leadBlocks: 10 }).settled).toEqual(settled),
  );
});

describe("selectWeights", () => {
  const context = { last: aRow(100), metagraph, blockNumber: 190, lastUpdateBlock: 95, maxSilenceBlocks: 95 };
  const fresh = [{ uid: 2, weightU16: 65_535 }];

  it("takes the scores' own where there are any", () => {
    expect(selectWeights(fresh, context)).toEqual({ kind: "fresh", weights: fresh });
  });

  it("repeats the last good ones only after too long a silence, and gives nothing on", () => {
    expect(selectWeights([], context)).toMatchObject({ kind: "last-good", weights: aRow(100).weights });
    expect(selectWeights([], { ...context, maxSilenceBlocks: 96 })).toEqual({ kind: "none", weights: [] });
    expect(selectWeights([], { ...context, last: null })).toEqual({ kind: "none", weights: [] });
    const wasBefore = aRow(100, { includedAtBlock: 89 });
    expect(selectWeights([], { ...context, last: wasBefore })).toEqual({ kind: "last-good", weights: [{ uid: 1, weightU16: 65_535 }] });
  });
});
