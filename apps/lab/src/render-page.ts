import { BOUND } from "./render.js";
import { validatorHeads, validatorRows } from "./render-validators.js";
import type { LabReport, ReportedResult } from "./report.js";
import { VALIDATORS_FROM_HOUR } from "./validator-trust.js";

const percent = (fraction: number) => `${Math.round(100 * fraction)} %`;

function heading({ world }: LabReport): string {
  return world.users === 0 ? "Without users" : `Users ask for ${percent(world.users)} of what is declared`;
}

function command({ world, seeds, mostSeeds }: LabReport): string {
  return `npm run lab -- --seeds ${seeds}${mostSeeds === undefined ? "" : ` --most-seeds ${mostSeeds}`}${world.users > 0 ? ` --users ${world.users}` : ""} --json`;
}

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

function verdictOf({ kind, isOutOfReach, income }: ReportedResult): string {
  if (kind === "honest") return "honest";
  if (isOutOfReach) return "out of reach of any score";
  return income.margin !== null && income.mean + income.margin <= BOUND ? "does not pay" : `above ${BOUND}`;
}

function row(result: ReportedResult, seeds: number): string {
  const { strategy, description, income, bystanders, hoursToConverge, probedFraction } = result;
  const earned = `${income.mean.toFixed(2)} ± ${income.margin === null ? "?" : income.margin.toFixed(2)}`;
  const onSeeds = (result.seeds ?? seeds) === seeds ? "" : ` (${result.seeds} seeds)`;
  const cells = [`\`${strategy}\``, description, `${earned}${onSeeds}`, bystanders.mean.toFixed(2), String(hoursToConverge ?? "never")];
  return `| ${[...cells, `${(100 * probedFraction).toFixed(1)} %`, verdictOf(result)].join(" | ")} |`;
}

/** Name of the picture of a run, beside the page's other pictures. */
export function plotName({ world }: LabReport): string {
  return `incomes-users-${Math.round(100 * world.users)}.svg`;
}

function validatorsSection({ validators, world, seeds, date }: LabReport): string {
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

/** A strategy that pays, as a cell has it. */
function named({ strategy, income }: ReportedResult): string {
  return `\`${strategy}\` ${income.mean.toFixed(2)}${income.margin === null ? "" : ` ± ${income.margin.toFixed(2)}`}`;
}

function populationRow({ world, seeds, mostSeeds, population, results, date }: LabReport): string {
  const reachable = results.filter(({ kind, isOutOfReach }) => kind === "attack" && !isOutOfReach);
  const ordered = [...reachable].sort((a, b) => b.income.mean - a.income.mean);
  // What is above by its mean alone, and what only an interval as wide as few seeds make it keeps from being shown to be below.
  const [above, open] = [true, false].map((isAbove) =>
    ordered.filter((result) => verdictOf(result) === `above ${BOUND}` && result.income.mean > BOUND === isAbove),
  );
  const sizes = [
    world.miners,
    world.validators,
    percent(world.users),
    reachable.length,
    mostSeeds === undefined ? seeds : `${seeds}, ${mostSeeds}`,
  ].map(String);
  const agreed = [population.incomeByWorth.toFixed(3), world.validators === 1 ? "-" : population.validatorsAgree.toFixed(3)];
  return line([...sizes, ...agreed, above?.map(named).join(", ") || "none", open?.map(named).join(", ") || "none", date ?? "undated"]);
}

function populationsSection(reports: readonly LabReport[]): string {
  const heads = ["miners", "validators", "users", "strategies", "seeds", "Spearman", "validators agree"];
  return `## Other populations

\`npm run lab -- --miners N --validators N --users SHARE --seeds N --most-seeds N --json\`: every strategy that a score can reach, in subnets of other sizes. **Spearman**: honest income
against capacity x quality x speed. **Validators agree**: correlation of the weights of two of them. **Seeds**: of all
strategies, and of those whose interval held ${BOUND} with so few. **Above**: mean income above ${BOUND}. **Open**: a mean at
or below it, but the interval reaches above.

${line([...heads, "above", "open", "run"])}
|${"---|".repeat(heads.length + 3)}
${reports.map(populationRow).join("\n")}
`;
}

/** The page that shows runs of the lab: a plot and a table of each, a line for each run in other populations, and how validators agree in one. */
export function renderPage(reports: readonly LabReport[], populations: readonly LabReport[], ofValidators: LabReport): string {
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
${ordered.map((result) => row(result, seeds)).join("\n")}
`;
  });
  return `# What pays

Made from runs of the lab (\`docs/incentives/*.json\`; \`UPDATE_DOCS=1 npm test -- test/docs\` writes it anew); do not edit. The mechanism is described in
[scoring](scoring.md), with what stays open by number; how to try a strategy of your own in the [lab](../apps/lab/README.md).

**Income** is of what as much hardware earns by honest work in the same subnet and on the same draws, each machine behind a hotkey of its own, with its 95 % interval.
**Bystanders**: what the others earn, of what they earn beside an honest machine. **Converges**: hours until the effective volume stays above 0.9 of its
later mean. **Probed**: validators' own requests, of what was declared.

${sections.join("\n")}
${populationsSection(populations)}
${validatorsSection(ofValidators)}`;
}
