import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { readModelFile } from "../model-files.js";
import { type ImageOptions, loadImageModel } from "./image-model.js";
import type { RgbImage } from "./rgb-image.js";

const model = await loadImageModel();
const apple: ImageOptions = { prompt: "red apple", seed: 7, steps: 4, guidanceScale: 3 };

function draw(options: ImageOptions): RgbImage {
  const generator = model.generate(options);
  for (;;) {
    const turn = generator.next();
    if (turn.done === true) return turn.value;
  }
}

function digestOf(image: RgbImage): string {
  return createHash("sha256").update(image.pixels).digest("hex");
}

/** Mean of one colour over the picture's middle. */
function meanOfMiddle({ pixels, width }: RgbImage, colour: 0 | 1 | 2): number {
  let sum = 0;
  for (let y = 12; y < 20; y++) for (let x = 12; x < 20; x++) sum += pixels[(y * width + x) * 3 + colour] ?? 0;
  return sum / 64;
}

describe("generate", () => {
  it.each([
    [{ prompt: "red apple", seed: 7, steps: 24, guidanceScale: 3 }, "9a8d806130490eb632d693a614b6921fb83b973c95816babf88f0d951a373104"],
    [
      { prompt: "blue circle on yellow background", seed: 1, steps: 6, guidanceScale: 4.5 },
      "5a60ec416b7c139ec2f6a4f0b745772dd053a7b5e508721f309bf4542895f193",
    ],
  ])("draws %j to the bit", (options, digest) => {
    const image = draw(options);
    expect([image.width, image.height, image.pixels.length]).toEqual([32, 32, 3072]);
    expect(digestOf(image)).toBe(digest);
  });

  it("draws what it was asked for", () => {
    const image = draw({ prompt: "blue circle on yellow background", seed: 5, steps: 12, guidanceScale: 3 });
    expect(meanOfMiddle(image, 2)).toBeGreaterThan(meanOfMiddle(image, 0) + 60);
    expect(image.pixels[0]).toBeGreaterThan((image.pixels[2] ?? 255) + 60);
  });

  it("reports every step", () => {
    expect([...model.generate(apple)]).toEqual([1, 2, 3, 4].map((step) => ({ step, steps: 4 })));
  });

  it("gives the same bits when two pictures are drawn in turns", () => {
    const fish: ImageOptions = { prompt: "fish", seed: 3, steps: 4, guidanceScale: 3 };
    const running = [model.generate(apple), model.generate(fish)];
    const images: RgbImage[] = [];
    for (let round = 0; round < 5; round++) {
      for (const generator of running) {
        const turn = generator.next();
        if (turn.done === true) images.push(turn.value);
      }
    }
    expect(images).toEqual([draw(apple), draw(fish)]);
  });

  it.each<[string, Partial<ImageOptions>]>([
    ["seed", { seed: 8 }],
    ["prompt", { prompt: "green apple" }],
    ["negative prompt", { negativePrompt: "fruit" }],
    ["number of steps", { steps: 5 }],
    ["guidance", { guidanceScale: 2 }],
  ])("draws something else for another %s", (_, change) => {
    expect(digestOf(draw({ ...apple, ...change }))).not.toBe(digestOf(draw(apple)));
  });

  it("reads only words: case, articles, plurals and punctuation do not count", () => {
    expect(digestOf(draw({ ...apple, prompt: "The RED apples!" }))).toBe(digestOf(draw(apple)));
  });

  it("needs no more memory for the hundredth picture than for the first", () => {
    draw({ ...apple, steps: 1 });
    const before = model.memoryBytes();
    for (let seed = 0; seed < 3; seed++) draw({ ...apple, seed, steps: 1 });
    expect(model.memoryBytes()).toBe(before);
  });

  describe("from a picture", () => {
    const start = draw({ ...apple, steps: 12 });
    const edit = (skippedSteps: number, more: Partial<ImageOptions> = {}): ImageOptions => ({
      ...{ prompt: "blue circle", seed: 3, steps: 10, guidanceScale: 3, start: { image: start, skippedSteps } },
      ...more,
    });
    const distance = (a: RgbImage, b: RgbImage) =>
      a.pixels.reduce((sum, value, index) => sum + Math.abs(value - (b.pixels[index] ?? 0)), 0);

    it("draws the same on every machine, to the bit", () => {
      expect(digestOf(draw(edit(4)))).toBe("7420cbfc27cae877efd0af17634de501709595c2bb73aec4cb1202960312f8ad");
    });

    it("keeps the more of it, the more steps it stands for; none of it without any", () => {
      const distances = [9, 6, 3, 0].map((skippedSteps) => distance(draw(edit(skippedSteps)), start));
      expect(distances).toEqual([...distances].sort((a, b) => a - b));
      expect(distances[0]).toBeLessThan((distances[3] ?? 0) / 3);
      const { start: _, ...fromNothing } = edit(0);
      expect(draw(edit(0))).toEqual(draw(fromNothing));
    });

    it("follows the prompt and the seed from there on", () => {
      expect(digestOf(draw(edit(4, { prompt: "red square" })))).not.toBe(digestOf(draw(edit(4))));
      expect(digestOf(draw(edit(4, { seed: 4 })))).not.toBe(digestOf(draw(edit(4))));
    });

    it("does the steps that are left, and fits a picture of another size", () => {
      expect([...model.generate(edit(7))]).toEqual([8, 9, 10].map((step) => ({ step, steps: 10 })));
      const larger: RgbImage = { width: 64, height: 64, pixels: new Uint8Array(64 * 64 * 3).fill(200) };
      const fitting: RgbImage = { width: 32, height: 32, pixels: new Uint8Array(32 * 32 * 3).fill(200) };
      const from = (image: RgbImage) => draw(edit(0, { start: { image, skippedSteps: 5 } }));
      expect(from(larger)).toEqual(from(fitting));
    });

    it.each([-1, 10, 2.5, Number.NaN])("refuses to skip %d of 10 steps", (skippedSteps) => {
      expect(() => model.generate(edit(skippedSteps))).toThrow(expect.objectContaining({ code: "TINY_INVALID_INPUT" }));
    });
  });

  it.each<[string, Partial<ImageOptions>]>([
    ["0 steps", { steps: 0 }],
    ["201 steps", { steps: 201 }],
    ["half a step", { steps: 0.5 }],
    ["a negative guidance", { guidanceScale: -1 }],
    ["a guidance that is not a number", { guidanceScale: Number.NaN }],
    ["a seed that is not whole", { seed: 0.1 }],
  ])("refuses %s at once", (_, change) => {
    expect(() => model.generate({ ...apple, ...change })).toThrow(expect.objectContaining({ code: "TINY_INVALID_INPUT" }));
  });
});

describe("loadImageModel", () => {
  it("refuses a model of another kind", async () => {
    await expect(loadImageModel(await readModelFile("tiny-lm-small-q8_0"))).rejects.toMatchObject({ code: "TINY_INVALID_MODEL" });
  });

  it("refuses a file in which a tensor has another name", async () => {
    const bytes = Buffer.from(await readModelFile("tiny-emoji-diffusion-f16"));
    bytes.write("v9.c2", bytes.indexOf("v2.c2.weight"));
    await expect(loadImageModel(bytes)).rejects.toMatchObject({ code: "TINY_INVALID_MODEL" });
  });
});
