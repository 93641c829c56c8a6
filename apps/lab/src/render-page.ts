import { BOUND } from "./render.js";
import { validatorHeads, validatorRows } from "./render-validators.js";
import type { LabReport, ReportedResult } from "./report.js";
import { VALIDATORS_FROM_HOUR } from "./validator-trust.js";

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

function validatorsSection({ validators, world, seeds, date }: LabReport): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return `## Validators

\`npm run lab -- --strategy honest --seeds ${seeds} --json\`, ${date ?? "undated"}: ${world.miners - 1} honest miners, ${world.hours} hours, ${seeds} seeds. Each validator asks and checks by plans of its own, scores, and sets weights
every three hours; an epoch of Yuma 3 follows, computed as the chain does (held to the numbers of subtensor's own tests). **Vtrust** is the share of a
validator's weight that consensus keeps: the mean over all epochs from hour ${VALIDATORS_FROM_HOUR} on, and the least. **Dividends per stake**: 1 is what its stake alone is worth.

${line(validatorHeads)}
|---|---|---|---|---|---|
${validatorRows(validators).map(line).join("\n")}

\`favours\` doubles the weight of one miner, \`copies\` sets what the first validator set three hours before. What stays open: a copier earns what those earn who
measure, and more than some of them. Commit-reveal is the chain's answer: who copies then has older weights than these.
`;
}

/** The page that shows runs of the lab: a plot and a table of each, and how validators agree in one of them. */
export function renderPage(reports: readonly LabReport[], ofValidators: LabReport): string {
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

**Income** is of what as much hardware earns by honest work in the same subnet and on the same draws, each machine behind a hotkey of its own, with its 95 % interval.
**Bystanders**: what the others earn, of what they earn beside an honest machine. **Converges**: hours until the effective volume stays above 0.9 of its
later mean. **Probed**: validators' own requests, of what was declared.

${sections.join("\n")}
${validatorsSection(ofValidators)}`;
}
