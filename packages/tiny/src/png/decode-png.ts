import { promisify } from "node:util";
import { inflate, inflateSync } from "node:zlib";
import type { RgbImage } from "../image-model/rgb-image.js";
import { runSteps, runStepsInTurns } from "../run-steps.js";
import { decodePngChunks, type PngChunk } from "./png-chunks.js";

/** An image, or why the bytes are none. */
export type DecodePngResult = { readonly ok: true; readonly image: RgbImage } | { readonly ok: false; readonly reason: string };

const inflateBeside = promisify<Uint8Array, { readonly maxOutputLength: number }, Uint8Array>(inflate);

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

/** Which rows: from the first to before the last. */
type Rows = { readonly from: number; readonly to: number };

/** Undoes the filters of those rows in place, those above being done; false when one is unknown. */
function unfilter(rows: Uint8Array, { width, channels }: Header, { from, to }: Rows): boolean {
  const stride = 1 + width * channels;
  for (let y = from; y < to; y++) {
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

/** Writes the RGB pixels of unfiltered rows. Transparent pixels are laid over white. */
function writeRgb(pixels: Uint8Array, rows: Uint8Array, { width, channels, from: first, to }: Header & Rows): void {
  const isColour = channels >= 3;
  const hasAlpha = channels === 2 || channels === 4;
  for (let pixel = first * width; pixel < to * width; pixel++) {
    const from = pixel * channels + Math.floor(pixel / width) + 1;
    const alpha = hasAlpha ? (rows[from + channels - 1] ?? 0) : 255;
    for (let colour = 0; colour < 3; colour++) {
      const value = rows[from + (isColour ? colour : 0)] ?? 0;
      pixels[pixel * 3 + colour] = Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
}

/** A PNG's pixels, packed, and how many bytes they are unpacked. */
type Packed = { readonly header: Header; readonly compressed: Uint8Array; readonly rowBytes: number };

function readPacked(bytes: Uint8Array, { maxPixels, maxChunks }: DecodePngLimits): Packed | string {
  const decoded = decodePngChunks(bytes, maxChunks);
  if (!decoded.ok) return decoded.reason;
  const header = readHeader(decoded.chunks[0], maxPixels);
  if (typeof header === "string") return header;
  const unknown = decoded.chunks.find(({ type }) => /^[A-Z]/.test(type) && !["IHDR", "PLTE", "IDAT", "IEND"].includes(type));
  if (unknown !== undefined) return "there is a critical chunk that is not supported";
  const compressed = Buffer.concat(decoded.chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data));
  return { header, compressed, rowBytes: header.height * (1 + header.width * header.channels) };
}

/** One byte more than needed: a stream that holds more is refused, and none is ever unpacked further than that. */
const inflateLimits = ({ rowBytes }: Packed) => ({ maxOutputLength: rowBytes + 1 });

const NOT_UNPACKED = "the pixels cannot be unpacked, or are more than the size allows";

/** Rows that are decoded between two yields: about so many bytes of them. */
const BYTES_AT_ONCE = 16 * 1024;

/** Decodes unpacked rows piece by piece, yielding between them. */
function* decodeRows(rows: Uint8Array, { header, rowBytes }: Packed): Generator<void, DecodePngResult, void> {
  if (rows.length !== rowBytes) return { ok: false, reason: "the pixels do not match the size" };
  const { width, height } = header;
  const pixels = new Uint8Array(width * height * 3);
  const atOnce = Math.max(1, Math.floor((BYTES_AT_ONCE * height) / rowBytes));
  for (let from = 0; from < height; from += atOnce) {
    const piece = { from, to: Math.min(height, from + atOnce) };
    if (!unfilter(rows, header, piece)) return { ok: false, reason: "a row has an unknown filter" };
    writeRgb(pixels, rows, { ...header, ...piece });
    yield;
  }
  return { ok: true, image: { width, height, pixels } };
}

/** Bounds of what is decoded. */
export type DecodePngLimits = {
  /** Width times height. Memory stays below ten bytes for each of them, whatever the file says. */
  readonly maxPixels: number;
  /** Chunks of the file; any number of them if left out. */
  readonly maxChunks?: number;
};

/**
 * Decodes a PNG of a stranger: 8 bits, grey or RGB, with or without alpha, not interlaced. Never throws on what it is given.
 */
export function decodePng(bytes: Uint8Array, limits: DecodePngLimits): DecodePngResult {
  const packed = readPacked(bytes, limits);
  if (typeof packed === "string") return { ok: false, reason: packed };
  let rows: Uint8Array;
  try {
    rows = inflateSync(packed.compressed, inflateLimits(packed));
  } catch {
    return { ok: false, reason: NOT_UNPACKED };
  }
  return runSteps(decodeRows(rows, packed));
}

/**
 * {@link decodePng} for a thread that others wait for: unpacks beside it, and gives way after every few rows.
 */
export async function decodePngInTurns(bytes: Uint8Array, limits: DecodePngLimits): Promise<DecodePngResult> {
  const packed = readPacked(bytes, limits);
  if (typeof packed === "string") return { ok: false, reason: packed };
  let rows: Uint8Array;
  try {
    rows = await inflateBeside(packed.compressed, inflateLimits(packed));
  } catch {
    return { ok: false, reason: NOT_UNPACKED };
  }
  return runStepsInTurns(decodeRows(rows, packed));
}
