const WIDTH = 400;

/** Where each of many values lies, as dots on a line; the table beside it has the numbers. */
export function Strip({
  values,
  label,
  format,
}: {
  readonly values: readonly number[];
  readonly label: string;
  readonly format: (value: number) => string;
}) {
  const highest = Math.max(...values, 1e-9);
  return (
    <svg className="strip" viewBox={`0 0 ${WIDTH} 44`} role="img" aria-label={`${label}: ${values.map(format).join(", ")}`}>
      <line x1="4" x2={WIDTH - 4} y1="20" y2="20" />
      {values.map((value, index) => (
        <circle key={index} cx={6 + (value / highest) * (WIDTH - 12)} cy="20" r="5" />
      ))}
      <text x="4" y="40">
        {label} 0
      </text>
      <text x={WIDTH - 4} y="40" textAnchor="end">
        {format(highest)}
      </text>
    </svg>
  );
}
