import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { getFamily } from "../families.js";
import { plainPng } from "./plain-png.js";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function chunk(type: string, data: Uint8Array = new Uint8Array(0)): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, data, Buffer.from([1, 2, 3, 4])]);
}

const header = (colourType: number) => chunk("IHDR", Uint8Array.from([0, 0, 0, 1, 0, 0, 0, 1, 8, colourType, 0, 0, 0]));
const file = (...parts: readonly Uint8Array[]) => Buffer.concat([signature, ...parts]).toString("base64");
const data = chunk("IDAT", new Uint8Array(20_000).fill(7));
const plain = file(header(2), data, data, chunk("IEND"));

describe("plainPng", () => {
  it("leaves a plain picture as it is", () => {
    expect(plainPng(plain)).toBe(plain);
  });

  it("regression: users got animations, transparency and whatever else a miner put around the judged pixels", () => {
    const extras = [
      chunk("acTL", new Uint8Array(8)),
      chunk("tRNS", new Uint8Array(6)),
      chunk("gAMA", new Uint8Array(4)),
      chunk("tEXt", data),
    ];
    for (const extra of extras) expect(plainPng(file(header(2), extra, data, data, chunk("fdAT", data), chunk("IEND")))).toBe(plain);
    expect(plainPng(file(header(2), data, data, chunk("IEND"), Buffer.from("anything else")))).toBe(plain);
    expect(plainPng(file(header(2), chunk("PLTE", new Uint8Array(3)), data, data, chunk("IEND")))).toBe(plain);
  });

  it("keeps the palette of a picture that needs one", () => {
    const indexed = file(header(3), chunk("PLTE", new Uint8Array(3)), data, chunk("IEND"));
    expect(plainPng(indexed)).toBe(indexed);
  });

  it("leaves other files and broken ones to the judge", () => {
    const texts = ["", "AAAA", "/9j/4AAQ", plain.slice(0, 40), file(), file(header(2)), file(header(2), data.subarray(0, 100))];
    for (const text of texts) expect(plainPng(text)).toBe(text);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(typeof plainPng(file(bytes))).toBe("string");
      }),
    );
  });

  it("takes chunks out wherever they stand, and keeps all others whole", () => {
    const kinds = fc.constantFrom("IDAT", "PLTE", "tEXt", "acTL", "idat");
    const chunks = fc.array(fc.tuple(kinds, fc.uint8Array({ maxLength: 300 })), { maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(2, 3), chunks, (colourType, all) => {
        const isKept = (type: string) => type === "IDAT" || (type === "PLTE" && colourType === 3);
        const made = (some: typeof all) => file(header(colourType), ...some.map(([type, bytes]) => chunk(type, bytes)), chunk("IEND"));
        expect(plainPng(made(all))).toBe(made(all.filter(([type]) => isKept(type))));
      }),
    );
  });

  it("is what a collector hands on, so that what is judged is what is shown", () => {
    const collector = getFamily("image-generation").createCollector({ model: "m", prompt: "x" });
    collector.addBody({ data: [{ b64_json: file(header(2), chunk("tRNS", new Uint8Array(6)), data, data, chunk("IEND")) }] });
    expect(collector.finish()).toEqual({ ok: true, answer: { kind: "images", imagesBase64: [plain] } });
  });
});
