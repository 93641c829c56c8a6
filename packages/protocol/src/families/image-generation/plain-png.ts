const SIGNATURE = "\x89PNG\r\n\x1a\n";
const CHUNK_BYTES = 12; // length, type and checksum around the data
const PALETTE_COLOUR_TYPE = 3;
const COLOUR_TYPE_AT = 25;

/** The number that four characters are, each a byte. */
function uint32At(binary: string, at: number): number {
  return (
    ((binary.charCodeAt(at) << 24) | (binary.charCodeAt(at + 1) << 16) | (binary.charCodeAt(at + 2) << 8) | binary.charCodeAt(at + 3)) >>> 0
  );
}

const HEADER = uint32At("IHDR", 0);
const PALETTE = uint32At("PLTE", 0);
const PIXELS = uint32At("IDAT", 0);
const END = uint32At("IEND", 0);

/**
 * The picture itself, as characters that are bytes; null for a file that breaks off. What stands together is cut out as one piece: a file
 * of a million empty chunks costs no more than another of its length.
 */
function pictureOf(binary: string): string | null {
  const hasPalette = binary.charCodeAt(COLOUR_TYPE_AT) === PALETTE_COLOUR_TYPE;
  const kept: string[] = [];
  let keptFrom = 0;
  let at = SIGNATURE.length;
  while (at + CHUNK_BYTES <= binary.length) {
    const type = uint32At(binary, at + 4);
    const end = at + CHUNK_BYTES + uint32At(binary, at);
    if (end > binary.length) return null;
    if (type === END) return `${kept.join("")}${binary.slice(keptFrom, end)}`;
    if (type !== HEADER && type !== PIXELS && !(type === PALETTE && hasPalette)) {
      if (at > keptFrom) kept.push(binary.slice(keptFrom, at));
      keptFrom = end;
    }
    at = end;
  }
  return null;
}

/**
 * A PNG file without anything but its picture: no animation, transparency, gamma or words beside it, and nothing after its end. What is
 * judged are pixels, and viewers show what such chunks make of them. Other files, and broken ones, stay as they are.
 *
 * @param base64 - Valid base64.
 */
export function plainPng(base64: string): string {
  // The signature's first six bytes are eight characters.
  if (!base64.startsWith("iVBORw0K")) return base64;
  const binary = atob(base64);
  if (!binary.startsWith(SIGNATURE)) return base64;
  const picture = pictureOf(binary);
  return picture === null || picture.length === binary.length ? base64 : btoa(picture);
}
