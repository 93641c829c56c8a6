const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const CHUNK_BYTES = 12; // length, type and checksum around the data
const PALETTE_COLOUR_TYPE = 3;
const COLOUR_TYPE_AT = 25;
const BLOCK = 8192; // as many characters as a call can take

function toBytes(base64: string): Uint8Array {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

function toBase64(pieces: readonly Uint8Array[]): string {
  const texts: string[] = [];
  for (const piece of pieces) {
    for (let from = 0; from < piece.length; from += BLOCK) texts.push(String.fromCharCode(...piece.subarray(from, from + BLOCK)));
  }
  return btoa(texts.join(""));
}

/** Parts that make up the picture itself; null for a file that breaks off. */
function pictureParts(bytes: Uint8Array): readonly Uint8Array[] | null {
  const view = new DataView(bytes.buffer);
  const hasPalette = bytes[COLOUR_TYPE_AT] === PALETTE_COLOUR_TYPE;
  const kept = [bytes.subarray(0, SIGNATURE.length)];
  let at = SIGNATURE.length;
  while (at + CHUNK_BYTES <= bytes.length) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + CHUNK_BYTES + view.getUint32(at);
    if (end > bytes.length) return null;
    if (type === "IHDR" || type === "IDAT" || type === "IEND" || (type === "PLTE" && hasPalette)) kept.push(bytes.subarray(at, end));
    if (type === "IEND") return kept;
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
  const bytes = toBytes(base64);
  if (!SIGNATURE.every((byte, index) => bytes[index] === byte)) return base64;
  const parts = pictureParts(bytes);
  const keptBytes = parts?.reduce((sum, { length }) => sum + length, 0);
  return parts === null || keptBytes === bytes.length ? base64 : toBase64(parts);
}
