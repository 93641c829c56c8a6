import { describe, expect, it } from "@jest/globals";
import { fitImage, fitImageInTurns } from "./fit-image.js";
import type { RgbImage } from "./rgb-image.js";

/** A picture of grey values, row by row. */
function grey(...rows: readonly (readonly number[])[]): RgbImage {
  const pixels = Uint8Array.from(rows.flat().flatMap((value) => [value, value, value]));
  return { width: rows[0]?.length ?? 0, height: rows.length, pixels };
}

/** A picture of one colour. */
function plain(width: number, height: number): RgbImage {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, index) => [255, 17, 0][index % 3] ?? 0);
  return { width, height, pixels };
}

describe("fitImage", () => {
  it("takes the mean of what a new pixel covers, in part too", () => {
    const image = grey([0, 30, 60], [90, 120, 150]);
    expect(fitImage(image, { width: 1, height: 1 })).toEqual(grey([75]));
    expect(fitImage(image, { width: 3, height: 1 })).toEqual(grey([45, 75, 105]));
    expect(fitImage(image, { width: 2, height: 2 })).toEqual(grey([10, 50], [100, 140]));
  });

  it("makes a larger picture of the same pixels", () => {
    expect(fitImage(grey([0, 200]), { width: 4, height: 2 })).toEqual(grey([0, 0, 200, 200], [0, 0, 200, 200]));
    expect(fitImage(grey([0, 200]), { width: 3, height: 1 })).toEqual(grey([0, 100, 200]));
  });

  it("keeps a picture that fits, and the colour of one that is all the same", () => {
    const image = grey([1, 2], [3, 4]);
    expect(fitImage(image, { width: 2, height: 2 })).toEqual(image);
    const sizes = [
      [32, 32],
      [3, 4],
      [1, 9],
    ] as const;
    for (const [width, height] of sizes) expect(fitImage(plain(7, 5), { width, height })).toEqual(plain(width, height));
  });

  it("makes the same in turns", async () => {
    const large: RgbImage = { width: 130, height: 170, pixels: Uint8Array.from({ length: 66_300 }, (_, index) => (index * 7919) % 251) };
    const sizes = [
      [32, 32],
      [200, 90],
      [1, 1],
    ] as const;
    for (const [width, height] of sizes)
      expect(await fitImageInTurns(large, { width, height })).toEqual(fitImage(large, { width, height }));
  });

  it("refuses a picture whose pixels do not match its size", () => {
    for (const image of [
      { ...grey([1]), width: 2 },
      { width: 0, height: 0, pixels: new Uint8Array(0) },
    ]) {
      expect(() => fitImage(image, { width: 1, height: 1 })).toThrow(expect.objectContaining({ code: "TINY_INVALID_INPUT" }));
    }
  });
});
