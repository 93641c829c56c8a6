import { type CheatResult, type PairResult, TOKEN_COUNTS } from "./report.js";

const percent = (fraction: number, digits = 1) => `${(100 * fraction).toFixed(digits)} %`;
const row = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

const samplerNames = { "gumbel-murmur3": "seeds known", unknown: "seeds unknown" } as const;

/** Below one ten-thousandth from 1 four digits would say that there is no error at all. */
const area = (value: number) => (value > 0.9999 && value < 1 ? "> 0.9999" : value.toFixed(4));

const answersUntil = ({ medianAnswers, ninthOfTenAnswers, decidedFraction }: CheatResult["search"]) =>
  medianAnswers === null ? `not in 200 (${percent(decidedFraction, 0)} are)` : `${medianAnswers} / ${ninthOfTenAnswers ?? "> 200"}`;

/** The tables of one pair, as Markdown. */
export function renderPair({ honest, cheats }: PairResult): string {
  const honestTable = table(
    [
      "honest engine",
      "judged with",
      "answers",
      "tokens",
      "mean quality",
      "judged less than right",
      "decided against, of miners with 10,000 answers",
      "a check costs, of the answer",
    ],
    honest.map((each) => [
      each.player.replace(/^honest, /, ""),
      samplerNames[each.sampler],
      each.answers,
      each.tokens,
      each.meanQuality.toFixed(4),
      each.faultyAnswers,
      `${each.falseDecisions} of ${each.minersTried}`,
      percent(each.checkCostFraction, 0),
    ]),
  );
  const cheatTable = table(
    [
      "cheat",
      "judged with",
      "answers",
      "mean quality of its answers",
      ...TOKEN_COUNTS.map((tokens) => `${tokens} tokens`),
      "answers until decided, median / 9 of 10",
    ],
    cheats.map((each) => [
      each.player,
      samplerNames[each.sampler],
      each.answers,
      each.meanQuality.toFixed(2),
      ...each.byTokens.map((at) => `${area(at.areaUnderCurve)} / ${percent(at.truePositives)}`),
      answersUntil(each.search),
    ]),
  );
  return `${honestTable}\n\n${cheatTable}`;
}

const WIDTH = 760;
const HEIGHT = 330;
const [LEFT, RIGHT, TOP, BOTTOM] = [50, 250, 34, 40];
const colours = ["#1f77b4", "#d1495b", "#2a9d4a", "#b07a1e", "#7b5ea7", "#00838f", "#c2185b", "#5d6d7e", "#8d6e63", "#607d00", "#e0761a"];

/** True positives at one false one in a thousand, by tokens looked at together, as an SVG that is legible on light and dark ground. */
export function plotPair({ title, cheats }: PairResult): string {
  const known = cheats.filter(({ sampler }) => sampler === "gumbel-murmur3");
  const [least, most] = [Math.log(TOKEN_COUNTS[0]), Math.log(TOKEN_COUNTS[TOKEN_COUNTS.length - 1] ?? 1)];
  const x = (tokens: number) => LEFT + ((Math.log(tokens) - least) / (most - least)) * (WIDTH - LEFT - RIGHT);
  const y = (share: number) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  const ticks = TOKEN_COUNTS.map((tokens) => `<text x="${x(tokens)}" y="${HEIGHT - 22}" text-anchor="middle">${tokens}</text>`);
  const shares = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${LEFT}" y1="${y(share)}" x2="${WIDTH - RIGHT}" y2="${y(share)}" stroke="#888" stroke-dasharray="1 4"/>` +
      `<text x="${LEFT - 6}" y="${y(share) + 4}" text-anchor="end">${100 * share} %</text>`,
  );
  const lines = known.map(({ player, byTokens }, index) => {
    const colour = colours[index % colours.length];
    const points = byTokens.map((at) => `${x(at.tokens).toFixed(1)},${y(at.truePositives).toFixed(1)}`);
    const labelY = TOP + 6 + index * 18;
    return (
      `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>` +
      `<rect x="${WIDTH - RIGHT + 18}" y="${labelY - 5}" width="14" height="4" fill="${colour}"/>` +
      `<text x="${WIDTH - RIGHT + 38}" y="${labelY}">${player}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11" fill="#808080" role="img">`,
    `<title>Cheats found on ${title}</title>`,
    `<text x="${LEFT}" y="16" font-size="13">Found at one false alarm in a thousand: ${title}</text>`,
    ...shares,
    ...ticks,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">tokens looked at together</text>`,
    ...lines,
    "</svg>",
    "",
  ].join("\n");
}
