import { runSteps, runStepsInTurns } from "../run-steps.js";
import { invalidInput } from "../tiny-error.js";
import type { RgbImage } from "./rgb-image.js";

/** Width and height, pixels. */
export type ImageSize = { readonly width: number; readonly height: number };

/** Rows that are read or written between two yields. */
const ROWS_AT_ONCE = 16;

/** What a pixel of one side's new length covers of the old one: from which old pixel on, and the share of each. */
type Cover = { readonly from: number; readonly shares: readonly number[] };

function coversOf(oldLength: number, newLength: number): readonly Cover[] {
  return Array.from({ length: newLength }, (_, index) => {
    const [start, end] = [(index * oldLength) / newLength, ((index + 1) * oldLength) / newLength];
    const from = Math.floor(start);
    const count = Math.max(1, Math.ceil(end) - from);
    const shares = Array.from({ length: count }, (__, at) => (Math.min(end, from + at + 1) - Math.max(start, from + at)) / (end - start));
    return { from, shares };
  });
}

function* fitRows(image: RgbImage, { width, height }: ImageSize): Generator<void, RgbImage, void> {
  const { pixels } = image;
  if (!(image.width >= 1 && image.height >= 1) || pixels.length !== image.width * image.height * 3) {
    throw invalidInput("An image must have width * height * 3 bytes of pixels.", { ...image, pixels: pixels.length });
  }
  if (image.width === width && image.height === height) return image;
  const columns = coversOf(image.width, width);
  const fitted = new Uint8Array(width * height * 3);
  const sums = new Float64Array(width * 3);
  for (const [y, row] of coversOf(image.height, height).entries()) {
    sums.fill(0);
    for (const [down, rowShare] of row.shares.entries()) {
      addRow(sums, image, { columns, y: row.from + down, rowShare });
      if (down % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield;
    }
    for (let at = 0; at < sums.length; at++) fitted[y * sums.length + at] = Math.round(sums[at] ?? 0);
    if (y % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield;
  }
  return { width, height, pixels: fitted };
}

/**
 * An image in another size, stretched where the proportions differ: every new pixel is the mean of what it covers of the old ones. The same
 * bytes on every machine: additions and multiplications only.
 *
 * Takes time in proportion to the larger of the two, about 10 ns a pixel.
 *
 * @throws {@link TinyError} `TINY_INVALID_INPUT` when the pixels do not match the size, or there are none.
 */
export function fitImage(image: RgbImage, size: ImageSize): RgbImage {
  return runSteps(fitRows(image, size));
}

/** {@link fitImage} for a thread that others wait for: gives way after every few rows. */
export async function fitImageInTurns(image: RgbImage, size: ImageSize): Promise<RgbImage> {
  return runStepsInTurns(fitRows(image, size));
}

type RowShare = { readonly columns: readonly Cover[]; readonly y: number; readonly rowShare: number };

function addRow(sums: Float64Array, { pixels, width }: RgbImage, { columns, y, rowShare }: RowShare): void {
  let target = 0;
  for (const { from, shares } of columns) {
    for (let across = 0; across < shares.length; across++) {
      const share = (shares[across] ?? 0) * rowShare;
      const source = (y * width + from + across) * 3;
      sums[target] = (sums[target] ?? 0) + (pixels[source] ?? 0) * share;
      sums[target + 1] = (sums[target + 1] ?? 0) + (pixels[source + 1] ?? 0) * share;
      sums[target + 2] = (sums[target + 2] ?? 0) + (pixels[source + 2] ?? 0) * share;
    }
    target += 3;
  }
}
