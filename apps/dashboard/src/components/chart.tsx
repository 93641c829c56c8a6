import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import uPlot from "uplot";
import { type DotShape, dotGlyphs, drawDots } from "./draw-dots.js";
import "uplot/dist/uPlot.min.css";

/** One series of a chart. `null` where there is no value. */
export type ChartSeries = {
  readonly label: string;
  /** Name of a colour of the style sheet. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  /** Dots without a line. */
  readonly dots?: DotShape;
};

/** What a {@link Chart} shows. */
export type ChartProps = {
  readonly title: string;
  /** Seconds since 1970 if `isTime`, else plain numbers; ascending. Shape: as long as every series. */
  readonly x: readonly number[];
  readonly xLabel: string;
  readonly isTime?: boolean;
  readonly series: readonly ChartSeries[];
  readonly format: (value: number) => string;
  readonly height?: number;
  /** Each step up is a factor of ten. */
  readonly isLogarithmic?: boolean;
  /** What is said of the place `index` beside its values. */
  readonly describe?: (index: number) => string;
  /** The same numbers as a table, where one row a place says them badly. */
  readonly table?: ReactNode;
};

function colourOf(element: Element, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function formatX(value: number, isTime: boolean): string {
  return isTime ? new Date(value * 1_000).toLocaleTimeString("en-GB") : String(value);
}

/** Whole powers of ten below and above. */
function powersAround(_plot: unknown, low: number | null, high: number | null): [number, number] {
  const [from, to] = [Math.floor(Math.log10(low ?? 1)), Math.ceil(Math.log10(high ?? 10))];
  return [10 ** from, 10 ** Math.max(to, from + 1)];
}

/**
 * A chart with the same numbers as a table one click away. The arrow keys move along it, and what is there is said.
 */
export function Chart({ title, x, xLabel, isTime = false, series, format, height = 200, ...props }: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const { isLogarithmic = false, describe, table } = props;
  const [cursor, setCursor] = useState<number | null>(null);
  const [isTable, setTable] = useState(false);
  const [theme, setTheme] = useState(0);
  const id = useId();

  useEffect(() => {
    const repaint = () => setTheme((count) => count + 1);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    addEventListener("themechange", repaint);
    scheme.addEventListener("change", repaint);
    return () => {
      removeEventListener("themechange", repaint);
      scheme.removeEventListener("change", repaint);
    };
  }, []);

  useEffect(() => {
    const element = holder.current;
    if (element === null || isTable) return;
    const [ink, line] = [colourOf(element, "quiet"), colourOf(element, "line")];
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "11px system-ui" };
    const drawn = new uPlot(
      {
        ...{ width: element.clientWidth, height, legend: { show: false } },
        scales: {
          x: { time: isTime },
          y: isLogarithmic ? { distr: 3, range: powersAround } : { range: (_plot, _low, high) => [0, high > 0 ? high * 1.08 : 1] },
        },
        cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
        axes: [
          {
            ...axis,
            size: 30,
            ...(isTime
              ? { values: (_plot, splits) => splits.map((split) => formatX(split, true)) }
              : { values: (_plot, splits) => splits.map((split) => (Number.isInteger(split) ? String(split) : "")) }),
          },
          { ...axis, size: 52, values: (_plot, splits) => splits.map((split) => (split === null ? "" : format(split))) },
        ],
        series: [
          {},
          ...series.map(({ label, colour, dots }) => ({
            ...{ label, stroke: colourOf(element, colour), width: 1.75 },
            ...(dots !== undefined ? { paths: () => null, points: { show: false } } : { points: { show: x.length < 30, size: 5 } }),
          })),
        ],
        hooks: {
          setCursor: [(moved) => setCursor(moved.cursor.idx ?? null)],
          drawSeries: [
            (plotted, index) => {
              const { dots, colour = "" } = series[index - 1] ?? {};
              if (dots !== undefined) drawDots(plotted, index, { dots, colour: colourOf(element, colour) });
            },
          ],
        },
      },
      [Array.from(x), ...series.map(({ values }) => Array.from(values))] as uPlot.AlignedData,
      element,
    );
    plot.current = drawn;
    const resized = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [x, series, format, height, isTime, isLogarithmic, isTable, theme]); // `theme` stands for the colours, which are read from the document

  const moveTo = (index: number) => {
    const to = Math.min(x.length - 1, Math.max(0, index));
    const left = plot.current?.valToPos(x[to] ?? 0, "x");
    if (left !== undefined) plot.current?.setCursor({ left, top: 0 });
    setCursor(to);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const at = cursor ?? x.length - 1;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: x.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    moveTo(to);
  };
  const said =
    cursor === null ? [] : series.flatMap(({ label, values }) => (values[cursor] == null ? [] : `${label} ${format(values[cursor])}`));

  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption>
        <span id={id}>{title}</span>
        <span className="legend" aria-hidden="true">
          {series.map(({ label, colour, dots }) => (
            <span key={label}>
              {dots === undefined ? (
                <i style={{ background: `var(--${colour})` }} />
              ) : (
                <b style={{ color: `var(--${colour})` }}>{dotGlyphs[dots.form][dots.isHollow ? 1 : 0]} </b>
              )}
              {label}
            </span>
          ))}
        </span>
        <button type="button" className="plain" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          Table
        </button>
      </figcaption>
      {isTable ? (
        (table ?? (
          <section className="scroll short" aria-label={title} tabIndex={0}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{xLabel}</th>
                  {series.map(({ label }) => (
                    <th key={label} scope="col" className="number">
                      {label}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {x.map((value, index) => (
                  <tr key={index}>
                    <th scope="row">{formatX(value, isTime)}</th>
                    {series.map(({ label, values }) => (
                      <td key={label} className="number">
                        {values[index] == null ? "–" : format(values[index])}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        ))
      ) : (
        <div
          ref={holder}
          className="plot"
          role="application"
          aria-roledescription="chart"
          aria-label={`${title}. Arrow keys move along it.`}
          tabIndex={0}
          onKeyDown={onKeyDown}
        />
      )}
      <p className="said" aria-live="polite">
        {cursor === null || isTable
          ? " "
          : `${xLabel} ${formatX(x[cursor] ?? 0, isTime)}: ${[...said, ...(describe === undefined ? [] : [describe(cursor)])].join(", ") || "nothing"}`}
      </p>
    </figure>
  );
}
