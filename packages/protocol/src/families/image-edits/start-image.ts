import { z } from "zod";
import { protocolLimits } from "../../limits.js";

const PREFIX = "data:image/png;base64,";
// Repeated groups would take a stack as deep as the picture is long.
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const MOST_CHARACTERS = 4 * Math.ceil(protocolLimits.startImageBytes / 3);
/** Signature and header of a PNG, 33 bytes. */
const HEAD_CHARACTERS = 44;
const SIGNATURE_AND_HEADER = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
/** Grey, RGB, grey with alpha, RGB with alpha. */
const COLOUR_TYPES: readonly number[] = [0, 2, 4, 6];

function findFault(url: string): string | null {
  if (!url.startsWith(PREFIX)) return `must be a PNG as a data URL: ${PREFIX}...`;
  const base64 = url.slice(PREFIX.length);
  if (base64.length > MOST_CHARACTERS) return `must be at most ${protocolLimits.startImageBytes} bytes`;
  if (base64.length % 4 !== 0 || !BASE64.test(base64)) return "is not valid base64";
  const head = atob(base64.slice(0, HEAD_CHARACTERS));
  if (!head.startsWith(SIGNATURE_AND_HEADER) || head.length < 33) return "is not a PNG";
  const { width, height } = sizeOf(head);
  const [bits, colour, compression, filter, interlace] = [24, 25, 26, 27, 28].map((at) => head.charCodeAt(at));
  if (width < 1 || height < 1 || width > protocolLimits.imageSidePixels || height > protocolLimits.imageSidePixels)
    return `must be 1 to ${protocolLimits.imageSidePixels} pixels wide and high`;
  if (width * height > protocolLimits.startImagePixels) return `must have at most ${protocolLimits.startImagePixels} pixels`;
  const isPlain = bits === 8 && COLOUR_TYPES.includes(colour ?? -1) && compression === 0 && filter === 0 && interlace === 0;
  return isPlain ? null : "must be a PNG of 8 bits, grey or RGB, with or without transparency, not interlaced";
}

function sizeOf(head: string) {
  const numberAt = (at: number) => [0, 1, 2, 3].reduce((sum, index) => sum * 256 + head.charCodeAt(at + index), 0);
  return { width: numberAt(16), height: numberAt(20) };
}

/**
 * A PNG as a data URL, of a kind and size that may be unpacked: its header has been read, and nothing behind it. No other address is one, so
 * that nobody who serves a request ever fetches what a stranger names.
 */
export const startImageSchema = z.string().superRefine((url, context) => {
  const message = findFault(url);
  if (message !== null) context.addIssue({ code: "custom", message });
});

/** The base64 of a data URL that {@link startImageSchema} has parsed. */
export function startImageBase64(url: string): string {
  return url.slice(PREFIX.length);
}

/** The data URL of a PNG. */
export function startImageUrl(base64: string): string {
  return `${PREFIX}${base64}`;
}
