import { z } from "zod";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { findingStatuses } from "./finding.js";

const statusSchema = z.enum(findingStatuses);

/** What `doctor --json` prints. */
export const doctorReportSchema = z.strictObject({
  program: z.string().describe("The program that was looked at."),
  version: z.string().describe("Its version."),
  status: statusSchema.describe("The worst status of all lines."),
  lines: z
    .array(
      z.strictObject({
        check: z.string().describe("What was looked at; unique in a report."),
        status: statusSchema.describe("`warn` may become a failure or costs something; `fail` keeps the program from its work."),
        detail: z.string().describe("What was found, for people."),
        advice: z.string().nullable().describe("What to do, for people; null where nothing is to be done."),
      }),
    )
    .describe("One entry a check, in a fixed order."),
});

/** A report of `doctor`. */
export type DoctorReport = z.output<typeof doctorReportSchema>;

/** The worst of some statuses; `ok` of none. */
export function worstStatus(lines: DoctorReport["lines"]): DoctorReport["status"] {
  return findingStatuses.findLast((status) => lines.some((line) => line.status === status)) ?? "ok";
}

/** How `doctor` ends: 1 where something fails; warnings are no reason for a script to stop. */
export function doctorExitCode({ status }: DoctorReport): ExitCode {
  return status === "fail" ? exitCodes.failed : exitCodes.ok;
}

/** A report as lines of text, what to do below each. */
export function renderDoctorReport({ lines }: DoctorReport): string {
  const width = Math.max(0, ...lines.map(({ check }) => check.length));
  return lines
    .flatMap(({ check, status, detail, advice }) => [
      `${status.padEnd(4)}  ${check.padEnd(width)}  ${detail}`,
      ...(advice === null ? [] : [`${" ".repeat(width + 8)}${advice}`]),
    ])
    .join("\n");
}
