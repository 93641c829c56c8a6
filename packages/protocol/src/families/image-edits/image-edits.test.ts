import { describe, expect, it } from "@jest/globals";
import { protocolLimits } from "../../limits.js";
import { getFamily } from "../families.js";
import { imageEdits } from "./family.js";
import { startImageBase64, startImageUrl } from "./start-image.js";

const small = imageEdits.smallRequest("m");
const task = { id: "t", imageSizes: ["32x32", "64x64"] };

/** A PNG's signature and header, and nothing behind it. */
function headed({ width = 8, height = 8, rest = [8, 2, 0, 0, 0] }: { width?: number; height?: number; rest?: readonly number[] }): string {
  const head = Buffer.alloc(36);
  head.set(Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", "latin1"));
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  head.set(rest, 24);
  return startImageUrl(head.toString("base64"));
}

const read = (change: object) => imageEdits.requestSchema.safeParse({ ...small, ...change });

describe("image edits", () => {
  it("takes a PNG as a data URL, whatever its kind of plain pixels", () => {
    for (const colour of [0, 2, 4, 6])
      expect([colour, read({ image: headed({ rest: [8, colour, 0, 0, 0] }) }).success]).toEqual([colour, true]);
    expect(read({ image: headed({ width: 1024, height: 1024 }) }).success).toBe(true);
    expect(startImageUrl(startImageBase64(small.image))).toBe(small.image);
  });

  it.each([
    ["none", undefined],
    ["an address, which nobody would fetch", "https://example.com/a.png"],
    ["a file's address", "file:///etc/passwd"],
    ["a JPEG", "data:image/jpeg;base64,/9j/4AAQSkZJRg=="],
    ["a JPEG that is called a PNG", startImageUrl(Buffer.alloc(60, 0xff).toString("base64"))],
    ["what is not base64", `${startImageUrl("")}%%%%`],
    ["base64 with a piece missing", `${headed({})}A`],
    ["nothing", startImageUrl("")],
    ["a header that breaks off", startImageUrl(startImageBase64(headed({})).slice(0, 40))],
    ["no pixels", headed({ width: 0 })],
    ["a side that is too long", headed({ width: protocolLimits.imageSidePixels + 1, height: 1 })],
    ["more pixels than may be unpacked", headed({ width: 1025, height: 1024 })],
    ["sizes that overflow", headed({ width: 2 ** 32 - 1, height: 2 ** 32 - 1 })],
    ["16 bits", headed({ rest: [16, 2, 0, 0, 0] })],
    ["a palette", headed({ rest: [8, 3, 0, 0, 0] })],
    ["interlacing", headed({ rest: [8, 2, 0, 0, 1] })],
    ["too many bytes", startImageUrl("A".repeat(4 * protocolLimits.requestBytes))],
    ["a list of pictures", [small.image]],
  ])("refuses for a picture: %s", (_name, image) => {
    const parsed = read({ image });
    expect(parsed.success).toBe(false);
    expect(parsed.error?.issues[0]?.path).toEqual(["image"]);
  });

  it("refuses a strength that is none", () => {
    for (const strength of [0, -1, 1.1, Number.NaN, "0.5"]) expect([strength, read({ strength }).success]).toEqual([strength, false]);
  });

  it("counts the steps that are left of the picture, over all images", () => {
    const units = (change: object) => imageEdits.maxWorkUnits({ ...small, ...change });
    expect(units({ steps: 10, strength: 0.5 })).toBe(5);
    expect(units({ steps: 10, strength: 0.5, n: 3 })).toBe(15);
    expect(units({ steps: 10, strength: 0.01 })).toBe(1);
    expect(units({ steps: null, strength: null })).toBe(7);
    const answer = { kind: "images", imagesBase64: ["", "", ""] } as const;
    expect(imageEdits.workUnits({ ...small, steps: 10, strength: 0.5, n: 2 }, answer)).toBe(10);
  });

  it("names all that an answer depends on to a miner, in one order, and nothing of who asks", () => {
    const asked = { model: "m", user: "u", strength: null, prompt: "p", zeta: 1, image: small.image, alpha: 2 };
    const normalised = imageEdits.normalise(asked, { task, fallbackSeed: 7 });
    expect(Object.entries(normalised)).toEqual(
      Object.entries({
        ...{ model: "t", image: small.image, prompt: "p", strength: 0.6, n: 1, size: "32x32", steps: 12, guidance_scale: 3, seed: 7 },
        ...{ response_format: "b64_json", alpha: 2, zeta: 1 },
      }),
    );
    const synthetic = imageEdits.normalise({ ...small, strength: 0.9 }, { task, fallbackSeed: 7 });
    expect(Object.keys(synthetic)).toEqual(Object.keys(normalised).slice(0, -2));
  });

  it("refuses what it would ignore: a mask, a stream and another size", () => {
    const lacking = (change: object) => imageEdits.findUnsupported({ ...small, ...change }, task)?.param ?? null;
    expect(lacking({})).toBeNull();
    expect(lacking({ size: "64x64", mask: null })).toBeNull();
    expect([lacking({ mask: "data:" }), lacking({ stream: true }), lacking({ size: "8x8" })]).toEqual(["mask", "stream", "size"]);
  });

  it("is a family of its own: who knows only images of words is never asked for it", () => {
    expect(getFamily("image-generation").fileFields).toEqual([]);
    expect(imageEdits.fileFields).toEqual(["image"]);
    expect(imageEdits.path).not.toBe(getFamily("image-generation").path);
  });
});
