import type { RgbImage } from "../image-model/rgb-image.js";
import { invalidInput } from "../tiny-error.js";
import { encodePngChunk, PNG_SIGNATURE } from "./png-chunks.js";

const MAX_STORED_BYTES = 65535;

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}

/** A zlib stream of stored blocks (RFC 1950, RFC 1951 section 3.2.4). */
function storeUncompressed(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let from = 0; from < bytes.length || from === 0; from += MAX_STORED_BYTES) {
    const block = bytes.subarray(from, from + MAX_STORED_BYTES);
    const header = Buffer.alloc(5);
    header[0] = from + MAX_STORED_BYTES >= bytes.length ? 1 : 0;
    header.writeUInt16LE(block.length, 1);
    header.writeUInt16LE(~block.length & 0xffff, 3);
    parts.push(header, block);
  }
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(adler32(bytes));
  return Buffer.concat([...parts, checksum]);
}

/**
 * A PNG of an image, 8 bits, RGB.
 *
 * Not compressed: compressors differ between builds of zlib, and the same image must give the same bytes everywhere. 32x32 pixels take
 * 3.2 KB, 512x512 take 787 KB.
 *
 * @throws {@link TinyError} `TINY_INVALID_INPUT` when the pixels do not match the size.
 */
export function encodePng({ width, height, pixels }: RgbImage): Uint8Array {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1 || pixels.length !== width * height * 3) {
    throw invalidInput("An image must have width * height * 3 bytes of pixels.", { width, height, pixelBytes: pixels.length });
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB, deflate, adaptive filters, not interlaced
  const rows = new Uint8Array(height * (1 + width * 3)); // each row starts with filter 0, none
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * width * 3, (y + 1) * width * 3), y * (1 + width * 3) + 1);
  const png = Buffer.concat([
    PNG_SIGNATURE,
    encodePngChunk({ type: "IHDR", data: header }),
    encodePngChunk({ type: "IDAT", data: storeUncompressed(rows) }),
    encodePngChunk({ type: "IEND", data: new Uint8Array(0) }),
  ]);
  return new Uint8Array(png);
}
