const WIDTH = 84;
const HEIGHT = 22;

/** How a value went over time, small enough for a table's cell. The label says where it began and ended. */
export function Sparkline({ values, label }: { readonly values: readonly number[]; readonly label: string }) {
  if (values.length < 2) return <span className="quiet">–</span>;
  const highest = Math.max(...values, 1e-9);
  const points = values.map((value, index) => {
    const x = 2 + (index * (WIDTH - 4)) / (values.length - 1);
    return `${x.toFixed(1)},${(HEIGHT - 3 - (value / highest) * (HEIGHT - 6)).toFixed(1)}`;
  });
  const [endX, endY] = (points.at(-1) ?? "0,0").split(",");
  return (
    <svg className="sparkline" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <polyline points={points.join(" ")} fill="none" />
      <circle cx={endX} cy={endY} r="2" />
    </svg>
  );
}
