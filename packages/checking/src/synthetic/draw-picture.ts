import { drawBetween, drawInt, type Random } from "@vision/scoring/probing";
import { fitImage, type ImageSize, type RgbImage } from "@vision/tiny";

/** Pictures are drawn on so many pixels a side at most, and fitted: a large one costs little more than a small one. */
const CANVAS_SIDE = 64;
const MOST_SHAPES = 9;

type Colour = readonly [number, number, number];

/** Paints a pixel, by where it is from 0 to 1: its colour, or null where the layer is clear. */
type Layer = (x: number, y: number) => Colour | null;

const drawColour = (random: Random): Colour => [random.nextInt(256), random.nextInt(256), random.nextInt(256)];

function mix(from: Colour, to: Colour, share: number): Colour {
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share, from[2] + (to[2] - from[2]) * share];
}

/** One colour, or two that pass into each other in some direction. */
function drawGround(random: Random): Layer {
  const [from, to] = [drawColour(random), drawColour(random)];
  if (random.next() < 0.3) return () => from;
  const angle = drawBetween(random, 0, 2 * Math.PI);
  const [across, down] = [Math.cos(angle), Math.sin(angle)];
  return (x, y) => mix(from, to, Math.max(0, Math.min(1, 0.5 + (x - 0.5) * across + (y - 0.5) * down)));
}

/** Clouds: values on a coarse grid, and smooth between, as much of a photograph is. */
function drawClouds(random: Random): Layer {
  const cells = drawInt(random, 2, 6);
  const values = Array.from({ length: (cells + 1) ** 2 }, () => random.next());
  const [from, to] = [drawColour(random), drawColour(random)];
  const valueAt = (column: number, row: number) => values[row * (cells + 1) + column] ?? 0;
  return (x, y) => {
    const [column, row] = [Math.floor(x * cells), Math.floor(y * cells)];
    const [right, down] = [x * cells - column, y * cells - row];
    const above = valueAt(column, row) * (1 - right) + valueAt(column + 1, row) * right;
    const below = valueAt(column, row + 1) * (1 - right) + valueAt(column + 1, row + 1) * right;
    return mix(from, to, above * (1 - down) + below * down);
  };
}

/** An ellipse, a box or a bar, turned, with one colour or two. */
function drawShape(random: Random): Layer {
  const [centreX, centreY] = [drawBetween(random, 0.1, 0.9), drawBetween(random, 0.1, 0.9)];
  const [width, height] = [drawBetween(random, 0.05, 0.45), drawBetween(random, 0.05, 0.45)];
  const angle = drawBetween(random, 0, Math.PI);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const isRound = random.next() < 0.55;
  const [from, to] = [drawColour(random), drawColour(random)];
  const shading = random.next() < 0.5 ? 1 : 0;
  return (x, y) => {
    const [right, down] = [x - centreX, y - centreY];
    const [across, along] = [(right * cos + down * sin) / width, (down * cos - right * sin) / height];
    const distance = isRound ? Math.hypot(across, along) : Math.max(Math.abs(across), Math.abs(along));
    return distance > 1 ? null : mix(from, to, distance * shading);
  };
}

/** Differences between neighbours that cameras make: none in a drawing. Values of one channel. */
function drawGrain(random: Random): () => number {
  const strength = random.next() < 0.5 ? 0 : drawBetween(random, 1, 24);
  let state = random.nextInt(2 ** 31);
  return () => {
    // The constants of Numerical Recipes; a stream of SHA-256 for every pixel would be slow.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * strength;
  };
}

/**
 * A picture as somebody might start from, drawn anew every time: a ground or clouds, shapes upon it, and grain on half of them. Fitted to the
 * size as users' pictures are, from a canvas that is often larger.
 */
export function drawPicture(random: Random, size: ImageSize): RgbImage {
  const side = drawInt(random, CANVAS_SIDE / 2, CANVAS_SIDE);
  const ground = random.next() < 0.5 ? drawGround(random) : drawClouds(random);
  const shapes = Array.from({ length: random.nextInt(MOST_SHAPES + 1) }, () => drawShape(random)).reverse();
  const grain = drawGrain(random);
  const pixels = new Uint8ClampedArray(side * side * 3);
  for (let at = 0; at < pixels.length; at += 3) {
    const pixel = at / 3;
    const [x, y] = [((pixel % side) + 0.5) / side, (Math.floor(pixel / side) + 0.5) / side];
    const [red, green, blue] = colourAt(x, y, { shapes, ground });
    pixels[at] = red + grain();
    pixels[at + 1] = green + grain();
    pixels[at + 2] = blue + grain();
  }
  return fitImage({ width: side, height: side, pixels: new Uint8Array(pixels.buffer) }, size);
}

function colourAt(x: number, y: number, { shapes, ground }: { readonly shapes: readonly Layer[]; readonly ground: Layer }): Colour {
  for (const shape of shapes) {
    const colour = shape(x, y);
    if (colour !== null) return colour;
  }
  return ground(x, y) ?? [0, 0, 0];
}
