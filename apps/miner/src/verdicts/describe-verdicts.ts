import { renderTable } from "@vision/program";
import type { ValidatorVerdicts } from "./collect-verdicts.js";
import { adviseOn } from "./fault-advice.js";

/** Rows that people read; `--json` has all. */
const MOST_ROWS = 50;

const titles = ["verdict", "task", "sent", "fault", "found", "nats", "first token ms", "ms", "units", "request"];

/** What came from a validator is shown as printable text: reasons are its words. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 160);
}

const whole = (value: number | null) => (value === null ? "" : value.toFixed(0));

/** Verdicts as tables, the worst first, with what to do about each kind of fault below. */
export function describeVerdicts(validators: readonly ValidatorVerdicts[]): string {
  if (validators.length === 0)
    return "No validator of the subnet publishes where its API is: name one with --validator HOTKEY --url URL.\n";
  return validators.map(describeOne).join("\n");
}

function describeOne({ validator, url, problem, verdicts }: ValidatorVerdicts): string {
  const head = `${validator}${url === null ? "" : ` at ${url}`}`;
  if (problem !== null) return `${head}: ${printable(problem)}.\n`;
  if (verdicts.length === 0) return `${head}: no answer was checked in that time, in a period whose report is out.\n`;
  const sorted = [...verdicts].sort((a, b) => a.qualityFraction - b.qualityFraction || b.atMs - a.atMs);
  const perfect = verdicts.filter(({ qualityFraction }) => qualityFraction === 1).length;
  const rows = sorted
    .slice(0, MOST_ROWS)
    .map((each) => [
      ...[each.qualityFraction.toFixed(3), printable(each.taskId), new Date(each.atMs).toISOString().slice(0, 19)],
      ...[printable(each.fault ?? ""), printable(each.reasons.join("; "))],
      ...[
        each.excessNats?.toFixed(1) ?? "",
        whole(each.firstTokenMs),
        whole(each.durationMs),
        whole(each.units),
        printable(each.requestId),
      ],
    ]);
  const more = verdicts.length > rows.length ? `… and ${verdicts.length - rows.length} more, none of them worse; --json shows all.\n` : "";
  const faults = new Map<string, number>();
  for (const { fault } of verdicts) if (fault !== null) faults.set(fault, (faults.get(fault) ?? 0) + 1);
  const advice = [...faults]
    .sort(([, a], [, b]) => b - a)
    .map(([fault, count]) => `  ${printable(fault)}, ${count} times: ${adviseOn(fault) ?? "a later version knows what to do about it."}\n`);
  return `${head}: ${verdicts.length} answers checked, ${perfect} without a fault.\n${renderTable(titles, rows)}${more}${advice.join("")}`;
}
