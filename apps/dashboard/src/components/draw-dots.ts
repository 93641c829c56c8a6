import type uPlot from "uplot";

/** How the dots of a series look: told apart without colours, too. `sizes`: how many each stands for; a larger one is drawn larger. */
export type DotShape = {
  readonly form: "circle" | "diamond" | "triangle" | "square";
  readonly isHollow: boolean;
  readonly sizes: readonly number[];
};

/** The same as text, for a legend. */
export const dotGlyphs: Readonly<Record<DotShape["form"], readonly [filled: string, hollow: string]>> = {
  circle: ["●", "○"],
  diamond: ["◆", "◇"],
  triangle: ["▲", "△"],
  square: ["■", "□"],
};

const corners: Readonly<Record<Exclude<DotShape["form"], "circle">, readonly (readonly [number, number])[]>> = {
  diamond: [
    [0, -1.25],
    [1.25, 0],
    [0, 1.25],
    [-1.25, 0],
  ],
  triangle: [
    [0, -1.15],
    [1.1, 0.85],
    [-1.1, 0.85],
  ],
  square: [
    [-0.9, -0.9],
    [0.9, -0.9],
    [0.9, 0.9],
    [-0.9, 0.9],
  ],
};

function trace(
  context: CanvasRenderingContext2D,
  form: DotShape["form"],
  { x, y, radius }: Readonly<Record<"x" | "y" | "radius", number>>,
) {
  context.beginPath();
  if (form === "circle") context.arc(x, y, radius, 0, 2 * Math.PI);
  else for (const [dx, dy] of corners[form]) context.lineTo(x + dx * radius, y + dy * radius);
  context.closePath();
}

/** Draws the dots of the plot's series of that index, in its colour. */
export function drawDots(plot: uPlot, seriesIndex: number, { dots, colour }: { readonly dots: DotShape; readonly colour: string }): void {
  const { ctx: context, data } = plot;
  const values = data[seriesIndex] ?? [];
  context.save();
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.globalAlpha = 0.8;
  context.lineWidth = 1.25 * devicePixelRatio;
  values.forEach((value, index) => {
    const at = data[0][index];
    if (value == null || at === undefined) return;
    const radius = devicePixelRatio * Math.min(9, 2.6 + Math.log2(dots.sizes[index] ?? 1));
    trace(context, dots.form, { x: plot.valToPos(at, "x", true), y: plot.valToPos(value, "y", true), radius });
    if (dots.isHollow) context.stroke();
    else context.fill();
  });
  context.restore();
}
