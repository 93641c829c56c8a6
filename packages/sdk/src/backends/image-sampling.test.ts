import { describe, expect, it } from "@jest/globals";
import { imageEdits, imageRequestSchema } from "@vision/protocol";
import { imageSampling, readImageSampling } from "./image-sampling.js";

describe("imageSampling", () => {
  it("gives each image the next seed, and starts again at 0 after the largest", () => {
    const request = imageRequestSchema.parse({ model: "m", prompt: "apple", n: 3, seed: 2 ** 31 - 2 });
    expect(imageSampling(request, 1).seeds).toEqual([2 ** 31 - 2, 2 ** 31 - 1, 0]);
  });

  it("counts the steps of all images", () => {
    const request = imageRequestSchema.parse({ model: "m", prompt: "apple", n: 2, steps: 4 });
    expect(imageSampling(request, 1)).toMatchObject({ steps: 4, totalSteps: 8, guidanceScale: 3, negativePrompt: undefined });
  });
});

describe("readImageSampling", () => {
  const edit = { ...imageEdits.smallRequest("m"), steps: 10, n: 3 };

  it("counts the steps that are done, and skips those that the start image stands for", () => {
    const cases = [
      [0.6, 4, 18],
      [1, 0, 30],
      [0.25, 7, 9],
      [0.001, 9, 3],
    ];
    for (const [strength, skippedSteps, totalSteps] of cases) {
      expect(readImageSampling("image-edits", { ...edit, strength }, 1)).toMatchObject({ steps: 10, totalSteps, start: { skippedSteps } });
    }
  });

  it("starts from a picture only where the family says so: elsewhere such a field is one that nobody knows", () => {
    expect(readImageSampling("image-generation", edit, 1)).toMatchObject({ start: null, totalSteps: 30 });
    expect(readImageSampling("embeddings", { model: "m", input: "x" }, 1)).toBeNull();
  });
});
