import type { AnswerFinding, TaskFindings } from "@vision/checking";
import { renderTable } from "@vision/program";
import { adviseOn } from "../verdicts/fault-advice.js";

const titles = ["task", "sampler", "judged", "failed", "quality", "far draws", "far claims", "evidence nats", "a validator would"];
const outlooks = { full: "pay in full", less: "pay less", nothing: "pay nothing", unjudged: "not know" } as const;

const percent = (fraction: number | null) => (fraction === null ? "" : `${(fraction * 100).toFixed(2)} %`);

function countKind(findings: readonly AnswerFinding[], kind: AnswerFinding["kind"]): number {
  return findings.filter((finding) => finding.kind === kind).length;
}

/** Findings as a table, with what was wrong and what to do about it below. */
export function describeFindings(all: readonly TaskFindings[]): string {
  const rows = all.map((each) => [
    ...[each.taskId, each.sampler, `${countKind(each.findings, "judged")}`, `${countKind(each.findings, "failed")}`],
    ...[each.meanQualityFraction?.toFixed(3) ?? "", percent(each.farDrawsFraction), percent(each.farClaimsFraction)],
    ...[each.evidence.nats.toFixed(1), outlooks[each.outlook]],
  ]);
  return renderTable(titles, rows) + all.map(describeTask).join("");
}

function describeTask({ taskId, findings, faults, evidence }: TaskFindings): string {
  const lines = faults.map(
    ({ fault, count, example }) =>
      `${fault}, ${count} times (${example}): ${adviseOn(fault) ?? "a later version knows what to do about it."}`,
  );
  if (evidence.suspicion !== null && evidence.nats > 0) {
    const decision = evidence.isDecided ? "enough to pay nothing" : "not enough to decide";
    lines.push(`the evidence speaks for ${evidence.suspicion}: ${evidence.nats.toFixed(1)} nats, ${decision}.`);
  }
  for (const kind of ["failed", "inconclusive"] as const) {
    const reasons = findings.flatMap((finding) => (finding.kind === kind ? [finding.reason] : []));
    if (reasons.length > 0)
      lines.push(
        `${kind === "failed" ? "failed" : "not judged"}, ${reasons.length} times: ${[...new Set(reasons)].slice(0, 3).join("; ")}`,
      );
  }
  return lines.length === 0 ? "" : `\n${taskId}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}
