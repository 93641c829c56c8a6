import type { ExitCode } from "../exit-codes.js";
import { type DoctorReport, doctorExitCode, renderDoctorReport, worstStatus } from "./doctor-report.js";
import type { DoctorCheck } from "./finding.js";
import { runChecks } from "./run-checks.js";

/** What {@link doctorCommand} prints with, and whose surroundings it looks at. */
export type DoctorOptions = {
  readonly program: string;
  readonly version: string;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
  print(text: string): void;
};

/**
 * `doctor` of both programs: looks at everything that the program needs and prints a line for each.
 *
 * @returns 0 unless a line says `fail`, then 1.
 */
export async function doctorCommand(
  checks: readonly DoctorCheck[],
  { program, version, isJson, signal, print }: DoctorOptions,
): Promise<ExitCode> {
  const lines = [...(await runChecks(checks, { signal }))];
  const report: DoctorReport = { program, version, status: worstStatus(lines), lines };
  print(isJson ? JSON.stringify(report, null, 2) : renderDoctorReport(report));
  return doctorExitCode(report);
}
