import { describe, expect, it } from "@jest/globals";
import { isSameWeights, upscaleWeights } from "./same-weights.js";
import { findWeightMistakes, validateWeights } from "./validate-weights.js";

const rules = { neuronCount: 4, minAllowedWeights: 2 };
const names = (mistakes: ReturnType<typeof findWeightMistakes>) => mistakes.map((mistake) => mistake.chainName);

describe("findWeightMistakes", () => {
  it("finds nothing wrong with a proper vector", () => {
    expect(
      findWeightMistakes(
        [
          { uid: 0, weightU16: 1 },
          { uid: 3, weightU16: 65535 },
        ],
        rules,
      ),
    ).toEqual([]);
  });

  it("names duplicates, unknown uids, values out of range and short vectors as the chain does", () => {
    expect(
      names(
        findWeightMistakes(
          [
            { uid: 0, weightU16: 1 },
            { uid: 0, weightU16: 2 },
          ],
          rules,
        ),
      ),
    ).toEqual(["DuplicateUids"]);
    expect(
      names(
        findWeightMistakes(
          [
            { uid: 0, weightU16: 1 },
            { uid: 4, weightU16: 70_000 },
          ],
          rules,
        ),
      ),
    ).toEqual(["UidVecContainInvalidOne", "MaxWeightExceeded"]);
    expect(names(findWeightMistakes([{ uid: 0, weightU16: 1 }], rules))).toEqual(["WeightVecLengthIsLow"]);
  });

  it("needs no more weights than there are neurons, and lets a neuron set a weight on itself alone", () => {
    expect(findWeightMistakes([{ uid: 0, weightU16: 1 }], { neuronCount: 1, minAllowedWeights: 8 })).toEqual([]);
    expect(findWeightMistakes([{ uid: 2, weightU16: 1 }], { ...rules, ownUid: 2 })).toEqual([]);
  });

  it("refuses more weights than neurons", () => {
    const weights = [0, 1, 2].map((uid) => ({ uid, weightU16: 1 }));
    expect(names(findWeightMistakes(weights, { neuronCount: 2, minAllowedWeights: 1 }))).toContain("UidsLengthExceedUidsInSubNet");
  });
});

describe("validateWeights", () => {
  it("throws all mistakes at once", () => {
    expect(() => validateWeights([{ uid: 9, weightU16: -1 }], rules)).toThrow(
      expect.objectContaining({
        code: "CHAIN_INVALID_WEIGHTS",
        chainName: "UidVecContainInvalidOne",
        facts: expect.objectContaining({ mistakes: ["UidVecContainInvalidOne", "MaxWeightExceeded", "WeightVecLengthIsLow"] }),
      }),
    );
  });
});

describe("isSameWeights", () => {
  it("knows the chain's own scaling, and that zeros are absent", () => {
    const meant = [
      { uid: 1, weightU16: 1 },
      { uid: 2, weightU16: 2 },
      { uid: 3, weightU16: 0 },
    ];
    const held = [
      { uid: 2, weightU16: 65_535 },
      { uid: 1, weightU16: 32_768 },
    ];
    expect(isSameWeights(meant, held)).toBe(true);
    expect(isSameWeights(meant, [{ uid: 2, weightU16: 65_535 }])).toBe(false);
    expect(isSameWeights([], [])).toBe(true);
  });

  it("rounds as the chain's fixed-point numbers do when the largest weight is above 32768", () => {
    // Read back from a real runtime (spec 293).
    const meant = [
      { uid: 1, weightU16: 20_000 },
      { uid: 2, weightU16: 40_000 },
    ];
    expect(upscaleWeights(meant).map((weight) => weight.weightU16)).toEqual([32_767, 65_535]);
  });
});
