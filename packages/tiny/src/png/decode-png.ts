import { inflateSync } from "node:zlib";
import type { RgbImage } from "../image-model/rgb-image.js";
import { decodePngChunks, type PngChunk } from "./png-chunks.js";

/** An image, or why the bytes are none. */
export type DecodePngResult = { readonly ok: true; readonly image: RgbImage } | { readonly ok: false; readonly reason: string };

type Header = { readonly width: number; readonly height: number; readonly channels: number };

/** Channels of the colour types: grey, RGB, grey with alpha, RGB with alpha. Palettes are not supported. */
const channelsByColourType: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [2, 3],
  [4, 2],
  [6, 4],
]);

function readHeader(chunk: PngChunk | undefined, maxPixels: number): Header | string {
  if (chunk?.type !== "IHDR" || chunk.data.length !== 13) return "there is no header";
  const view = new DataView(chunk.data.buffer, chunk.data.byteOffset, chunk.data.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const channels = channelsByColourType.get(view.getUint8(9));
  if (width < 1 || height < 1 || width * height > maxPixels) return `the size is not from 1 to ${maxPixels} pixels`;
  if (view.getUint8(8) !== 8 || channels === undefined) return "only 8-bit grey, RGB and RGBA are supported";
  if (view.getUint8(10) !== 0 || view.getUint8(11) !== 0 || view.getUint8(12) !== 0) return "interlaced images are not supported";
  return { width, height, channels };
}

/** The filter's guess at a byte from the ones to its left, above, and above left. PNG specification, section 9. */
function predict(filter: number, left: number, above: number, aboveLeft: number): number {
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  if (filter === 4) {
    const guess = left + above - aboveLeft;
    const [toLeft, toAbove, toAboveLeft] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - aboveLeft)];
    if (toLeft <= toAbove && toLeft <= toAboveLeft) return left;
    return toAbove <= toAboveLeft ? above : aboveLeft;
  }
  return 0;
}

/** Undoes the filters of all rows in place; false when one is unknown. */
function unfilter(rows: Uint8Array, { width, height, channels }: Header): boolean {
  const stride = 1 + width * channels;
  for (let y = 0; y < height; y++) {
    const filter = rows[y * stride] ?? 0;
    if (filter > 4) return false;
    if (filter === 0) continue;
    for (let i = 1; i < stride; i++) {
      const at = y * stride + i;
      const hasLeft = i > channels;
      const left = hasLeft ? (rows[at - channels] ?? 0) : 0;
      const above = y > 0 ? (rows[at - stride] ?? 0) : 0;
      const aboveLeft = hasLeft && y > 0 ? (rows[at - stride - channels] ?? 0) : 0;
      rows[at] = (rows[at] ?? 0) + predict(filter, left, above, aboveLeft);
    }
  }
  return true;
}

/** RGB pixels of unfiltered rows. Transparent pixels are laid over white. */
function toRgb(rows: Uint8Array, { width, height, channels }: Header): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  const isColour = channels >= 3;
  const hasAlpha = channels === 2 || channels === 4;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = pixel * channels + Math.floor(pixel / width) + 1;
    const alpha = hasAlpha ? (rows[from + channels - 1] ?? 0) : 255;
    for (let colour = 0; colour < 3; colour++) {
      const value = rows[from + (isColour ? colour : 0)] ?? 0;
      pixels[pixel * 3 + colour] = Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return pixels;
}

function inflate(chunks: readonly PngChunk[], expectedBytes: number): Uint8Array | string {
  const compressed = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data));
  try {
    // One byte more than needed: a stream that holds more is refused, and none is ever unpacked further than that.
    const rows = inflateSync(compressed, { maxOutputLength: expectedBytes + 1 });
    return rows.length === expectedBytes ? rows : "the pixels do not match the size";
  } catch {
    return "the pixels cannot be unpacked, or are more than the size allows";
  }
}

/**
 * Decodes a PNG of a stranger: 8 bits, grey or RGB, with or without alpha, not interlaced. Never throws on what it is given.
 *
 * @param limits - `maxPixels`: width times height. Memory stays below ten bytes for each of them, whatever the file says.
 */
export function decodePng(bytes: Uint8Array, limits: { readonly maxPixels: number }): DecodePngResult {
  const decoded = decodePngChunks(bytes);
  if (!decoded.ok) return decoded;
  const header = readHeader(decoded.chunks[0], limits.maxPixels);
  if (typeof header === "string") return { ok: false, reason: header };
  const unknown = decoded.chunks.find(({ type }) => /^[A-Z]/.test(type) && !["IHDR", "PLTE", "IDAT", "IEND"].includes(type));
  if (unknown !== undefined) return { ok: false, reason: "there is a critical chunk that is not supported" };
  const rows = inflate(decoded.chunks, header.height * (1 + header.width * header.channels));
  if (typeof rows === "string") return { ok: false, reason: rows };
  if (!unfilter(rows, header)) return { ok: false, reason: "a row has an unknown filter" };
  return { ok: true, image: { width: header.width, height: header.height, pixels: toRgb(rows, header) } };
}
