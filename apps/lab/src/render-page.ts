import { BOUND } from "./render.js";
import type { LabReport, ReportedResult } from "./report.js";

const percent = (fraction: number) => `${Math.round(100 * fraction)} %`;

function heading({ world }: LabReport): string {
  return world.users === 0 ? "Without users" : `Users ask for ${percent(world.users)} of what is declared`;
}

function command({ world, seeds }: LabReport): string {
  return `npm run lab -- --seeds ${seeds}${world.users > 0 ? ` --users ${world.users}` : ""} --json`;
}

function verdictOf({ kind, isOutOfReach, income }: ReportedResult): string {
  if (kind === "honest") return "honest";
  if (isOutOfReach) return "out of reach of any score";
  return income.margin !== null && income.mean + income.margin <= BOUND ? "does not pay" : `above ${BOUND}`;
}

function row(result: ReportedResult): string {
  const { strategy, description, income, bystanders, hoursToConverge, probedFraction } = result;
  const earned = `${income.mean.toFixed(2)} ± ${income.margin === null ? "?" : income.margin.toFixed(2)}`;
  const cells = [`\`${strategy}\``, description, earned, bystanders.mean.toFixed(2), String(hoursToConverge ?? "never")];
  return `| ${[...cells, `${(100 * probedFraction).toFixed(1)} %`, verdictOf(result)].join(" | ")} |`;
}

/** Name of the picture of a run, beside the page's other pictures. */
export function plotName({ world }: LabReport): string {
  return `incomes-users-${Math.round(100 * world.users)}.svg`;
}

/** The page that shows runs of the lab: a plot and a table of each. */
export function renderPage(reports: readonly LabReport[]): string {
  const sections = reports.map((report) => {
    const { world, seeds, population, results, date } = report;
    const ordered = [...results].sort((a, b) => b.income.mean - a.income.mean);
    const above = ordered.filter((result) => verdictOf(result) === `above ${BOUND}`);
    const newcomer = population.hoursToTrueVolume === null ? "never" : `after ${population.hoursToTrueVolume} h`;
    return `## ${heading(report)}

\`${command(report)}\`, ${date ?? "undated"}: ${world.miners} miners, ${world.hours} hours, ${seeds} seeds. Honest income follows capacity x quality x speed by ${population.incomeByWorth.toFixed(3)}
(Spearman); the median newcomer has 0.9 of its true volume ${newcomer}. ${above.length === 0 ? `No strategy within reach of a score is above ${BOUND}.` : `Above ${BOUND}, interval included: ${above.map(({ strategy }) => `\`${strategy}\``).join(", ")}.`}

![Income of every strategy with its 95 % interval](incentives/${plotName(report)})

| strategy | what it does | income | bystanders | converges, h | probed | |
|---|---|---|---|---|---|---|
${ordered.map(row).join("\n")}
`;
  });
  return `# What pays

Made from runs of the lab (\`docs/incentives/*.json\`; \`UPDATE_DOCS=1 npm test -- test/docs\` writes it anew); do not edit. The mechanism is described in
[scoring](scoring.md), with what stays open by number; how to try a strategy of your own in the [lab](../apps/lab/README.md).

**Income** is for an hour of hardware, of what the same machine earns by honest work in the same subnet and on the same draws, with its 95 % interval.
**Bystanders**: what the others earn, of what they earn beside an honest machine. **Converges**: hours until the effective volume stays above 0.9 of its
later mean. **Probed**: validators' own requests, of what was declared.

${sections.join("\n")}`;
}
