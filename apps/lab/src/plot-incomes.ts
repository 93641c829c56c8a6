import { BOUND } from "./render.js";
import type { ReportedResult } from "./report.js";

const ROW = 16;
const TOP = 28;
const LABELS = 210;
const WIDTH = 760;
const MOST = 1.3;
const colours = { honest: "#2a9d4a", attack: "#3b7dd8", outOfReach: "#b07a1e" };

const atIncome = (income: number) => LABELS + (Math.min(income, MOST) / MOST) * (WIDTH - LABELS - 60);

/** Income of every strategy with its 95 % interval, largest first, as an SVG that is legible on light and dark ground. */
export function plotIncomes(results: readonly ReportedResult[], title: string): string {
  const ordered = [...results].sort((a, b) => b.income.mean - a.income.mean);
  const height = TOP + ordered.length * ROW + 24;
  const line = (income: number, text: string, dash: string) =>
    `<line x1="${atIncome(income)}" y1="${TOP - 6}" x2="${atIncome(income)}" y2="${height - 20}" stroke="#888" stroke-dasharray="${dash}"/>` +
    `<text x="${atIncome(income)}" y="${height - 6}" text-anchor="middle">${text}</text>`;
  const rows = ordered.map((result, index) => {
    const y = TOP + index * ROW + ROW / 2;
    const { mean, margin } = result.income;
    const colour = result.kind === "honest" ? colours.honest : result.isOutOfReach ? colours.outOfReach : colours.attack;
    const half = margin ?? 0;
    const value = mean > MOST ? `${mean.toFixed(2)} →` : mean.toFixed(2);
    return [
      `<text x="${LABELS - 8}" y="${y + 4}" text-anchor="end">${result.strategy}</text>`,
      `<line x1="${atIncome(Math.max(0, mean - half)).toFixed(1)}" y1="${y}" x2="${atIncome(mean + half).toFixed(1)}" y2="${y}" stroke="${colour}" stroke-width="2"/>`,
      `<circle cx="${atIncome(mean).toFixed(1)}" cy="${y}" r="4" fill="${colour}"/>`,
      `<text x="${WIDTH - 8}" y="${y + 4}" text-anchor="end">${value}</text>`,
    ].join("");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11" fill="#808080" role="img">`,
    `<title>${title}</title>`,
    `<text x="${LABELS}" y="14" font-size="13">${title}</text>`,
    line(0, "0", "1 3"),
    line(1, "honest: 1", "1 0"),
    line(BOUND, "", "4 3"),
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}
