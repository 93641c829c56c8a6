const looksNumeric = /^[\d,./ %-]+$/;

/** A table in plain text: columns as wide as needed, numbers to the right, every line ended. */
export function renderTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (looksNumeric.test(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return [titles, widths.map((width) => "-".repeat(width)), ...rows].map((row) => `${line(row)}\n`).join("");
}
