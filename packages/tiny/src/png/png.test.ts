import { readFile } from "node:fs/promises";
import { deflateSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { decodePng, decodePngInTurns } from "./decode-png.js";
import { encodePng } from "./encode-png.js";
import { encodePngChunk, PNG_SIGNATURE } from "./png-chunks.js";

const limits = { maxPixels: 1024 };

function header(width: number, height: number, format: readonly number[]): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set(format, 8);
  return data;
}

type Parts = { readonly width: number; readonly height: number; readonly format: readonly number[]; readonly rows: Uint8Array };

function pngOf({ width, height, format, rows }: Parts, extra: readonly Uint8Array[] = []): Uint8Array {
  return Buffer.concat([
    PNG_SIGNATURE,
    encodePngChunk({ type: "IHDR", data: header(width, height, format) }),
    ...extra,
    encodePngChunk({ type: "IDAT", data: deflateSync(rows) }),
    encodePngChunk({ type: "IEND", data: new Uint8Array(0) }),
  ]);
}

const image = { width: 5, height: 3, pixels: Uint8Array.from({ length: 45 }, (_, i) => (i * 37) % 256) };

/** The rows of `image` as each filter writes them; the formulas of the PNG specification, section 9. */
function filterRows(filter: number): Uint8Array {
  const stride = image.width * 3;
  const at = (y: number, i: number) => (y < 0 || i < 0 ? 0 : (image.pixels[y * stride + i] ?? 0));
  const rows: number[] = [];
  for (let y = 0; y < image.height; y++) {
    rows.push(filter);
    for (let i = 0; i < stride; i++) {
      const [a, b, c] = [at(y, i - 3), at(y - 1, i), i < 3 ? 0 : at(y - 1, i - 3)];
      const nearest = [a, b, c].reduce((best, candidate) =>
        Math.abs(a + b - c - candidate) < Math.abs(a + b - c - best) ? candidate : best,
      );
      rows.push((at(y, i) - ([0, a, b, Math.floor((a + b) / 2), nearest][filter] ?? 0)) & 255);
    }
  }
  return Uint8Array.from(rows);
}

describe("encodePng and decodePng", () => {
  it("give back the image", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.nat(255), (width, height, step) => {
        const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * step) % 256);
        expect(decodePng(encodePng({ width, height, pixels }), limits)).toEqual({ ok: true, image: { width, height, pixels } });
      }),
    );
  });

  it("give back an image of more than one stored block", () => {
    const large = { width: 200, height: 150, pixels: Uint8Array.from({ length: 90000 }, (_, i) => (i * 7) % 251) };
    expect(decodePng(encodePng(large), { maxPixels: 30000 })).toEqual({ ok: true, image: large });
  });

  it("refuse to encode pixels that do not match the size", () => {
    expect(() => encodePng({ width: 2, height: 2, pixels: new Uint8Array(11) })).toThrow(
      expect.objectContaining({ code: "TINY_INVALID_INPUT" }),
    );
  });
});

describe("decodePng", () => {
  it.each([0, 1, 2, 3, 4])("undoes filter %i", (filter) => {
    expect(decodePng(pngOf({ ...image, format: [8, 2, 0, 0, 0], rows: filterRows(filter) }), limits)).toEqual({ ok: true, image });
  });

  it("reads what another program wrote: the sample sheet, magnified three times, has only blocks of nine equal pixels", async () => {
    const decoded = decodePng(await readFile(new URL("../../models/tiny-emoji-diffusion-samples.png", import.meta.url)), {
      maxPixels: 300_000,
    });
    if (!decoded.ok) throw new Error(decoded.reason);
    const { width, height, pixels } = decoded.image;
    expect([width, height]).toEqual([768, 288]);
    let unequal = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width * 3; x++) {
        const corner = (y - (y % 3)) * width * 3 + (Math.floor(x / 9) * 3 + (x % 3) / 3) * 3;
        if (pixels[y * width * 3 + x] !== pixels[Math.round(corner)]) unequal++;
      }
    }
    expect(unequal).toBe(0);
  });

  it("reads grey, and lays transparent pixels over white", () => {
    const grey = pngOf({ width: 2, height: 1, format: [8, 0, 0, 0, 0], rows: Uint8Array.of(0, 10, 200) });
    expect(decodePng(grey, limits)).toMatchObject({ ok: true, image: { pixels: Uint8Array.of(10, 10, 10, 200, 200, 200) } });
    const rgba = pngOf({ width: 2, height: 1, format: [8, 6, 0, 0, 0], rows: Uint8Array.of(0, 1, 2, 3, 255, 9, 9, 9, 0) });
    expect(decodePng(rgba, limits)).toMatchObject({ ok: true, image: { pixels: Uint8Array.of(1, 2, 3, 255, 255, 255) } });
    const greyAlpha = pngOf({ width: 1, height: 1, format: [8, 4, 0, 0, 0], rows: Uint8Array.of(0, 100, 51) });
    expect(decodePng(greyAlpha, limits)).toMatchObject({ ok: true, image: { pixels: Uint8Array.of(224, 224, 224) } });
  });

  const rows = filterRows(0);
  it.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array(0)],
    ["another format", Buffer.from("GIF89a..............")],
    ["more pixels than allowed", pngOf({ width: 33, height: 32, format: [8, 2, 0, 0, 0], rows })],
    ["a size that overflows", pngOf({ width: 0xffffffff, height: 0xffffffff, format: [8, 2, 0, 0, 0], rows })],
    ["a width of 0", pngOf({ width: 0, height: 1, format: [8, 2, 0, 0, 0], rows })],
    ["16 bits", pngOf({ ...image, format: [16, 2, 0, 0, 0], rows })],
    ["a palette", pngOf({ ...image, format: [8, 3, 0, 0, 0], rows })],
    ["interlaced rows", pngOf({ ...image, format: [8, 2, 0, 0, 1], rows })],
    ["too few pixels", pngOf({ ...image, format: [8, 2, 0, 0, 0], rows: rows.subarray(1) })],
    ["one byte too many", pngOf({ ...image, format: [8, 2, 0, 0, 0], rows: Buffer.concat([rows, Buffer.alloc(1)]) })],
    ["an unknown filter", pngOf({ ...image, format: [8, 2, 0, 0, 0], rows: rows.map((byte, i) => (i === 0 ? 5 : byte)) })],
    ["an unknown critical chunk", pngOf({ ...image, format: [8, 2, 0, 0, 0], rows }, [encodePngChunk({ type: "ABCD", data: rows })])],
  ])("refuses %s", (_, bytes) => {
    expect(decodePng(bytes, limits)).toEqual({ ok: false, reason: expect.any(String) });
  });

  it("does not unpack a bomb: 100 MB of zeros in 100 KB", () => {
    const bomb = pngOf({ width: 32, height: 32, format: [8, 2, 0, 0, 0], rows: new Uint8Array(100_000_000) });
    const before = process.memoryUsage().arrayBuffers;
    expect(decodePng(bomb, limits)).toEqual({ ok: false, reason: "the pixels cannot be unpacked, or are more than the size allows" });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
  });

  it("skips chunks that it may skip", () => {
    const bytes = pngOf({ ...image, format: [8, 2, 0, 0, 0], rows }, [encodePngChunk({ type: "tEXt", data: rows })]);
    expect(decodePng(bytes, limits)).toEqual({ ok: true, image });
  });

  it("never throws, and finds every damage", () => {
    const good = encodePng(image);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = good.slice();
        damaged[at] = (damaged[at] ?? 0) ^ change;
        expect(decodePng(damaged, limits).ok).toBe(false);
      }),
      { numRuns: 1000 },
    );
    for (let length = 0; length < good.length; length++)
      expect([length, decodePng(good.subarray(0, length), limits).ok]).toEqual([length, false]);
  });
});

describe("decodePngInTurns", () => {
  const [width, height] = [300, 400];
  const large = { width, height, pixels: Uint8Array.from({ length: width * height * 3 }, (_, index) => (index * 7919) % 251) };

  it("finds what decodePng finds, good or broken, whichever filters the rows have", async () => {
    const rows = Uint8Array.from({ length: height * (1 + width * 4) }, (_, at) => (at % (1 + width * 4) === 0 ? at % 5 : (at * 31) % 256));
    const filtered = pngOf({ width, height, format: [8, 6, 0, 0, 0], rows });
    const damaged = encodePng(large).with(5_000, 1);
    const wide = { maxPixels: width * height };
    for (const [name, bytes] of Object.entries({ filtered, plain: encodePng(large), damaged, nothing: new Uint8Array(0) })) {
      expect([name, await decodePngInTurns(bytes, wide)]).toEqual([name, decodePng(bytes, wide)]);
    }
    expect(await decodePngInTurns(encodePng(large), limits)).toMatchObject({ ok: false, reason: expect.stringContaining("1024 pixels") });
  });

  it("lets others on between its rows", async () => {
    let turns = 0;
    let isDone = false;
    const countTurns = () => {
      turns += 1;
      if (!isDone) setImmediate(countTurns);
    };
    setImmediate(countTurns);
    await decodePngInTurns(encodePng(large), { maxPixels: width * height });
    isDone = true;
    expect(turns).toBeGreaterThan(5);
  });

  it("counts chunks: a million empty ones are not read", async () => {
    const empty = encodePngChunk({ type: "tEXt", data: new Uint8Array(0) });
    const crowded = pngOf({ ...image, format: [8, 2, 0, 0, 0], rows: filterRows(0) }, new Array(50).fill(empty));
    expect(await decodePngInTurns(crowded, { ...limits, maxChunks: 50 })).toEqual({ ok: false, reason: "there are more than 50 chunks" });
    expect(await decodePngInTurns(crowded, { ...limits, maxChunks: 53 })).toEqual({ ok: true, image });
  });
});
