import type { LogFacts, Logger } from "../ports/index.js";

/** One line as it was logged. */
export type LoggedLine = { readonly level: keyof Logger; readonly message: string; readonly facts: LogFacts };

/** A logger that keeps its lines, for tests. */
export function recordingLogger(): Logger & { readonly lines: readonly LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const at =
    (level: keyof Logger) =>
    (message: string, facts: LogFacts = {}) => {
      lines.push({ level, message, facts });
    };
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Messages of the warnings, but for the one of every fake chain: that weights are public there. */
export function warningsOf({ lines }: ReturnType<typeof recordingLogger>): readonly string[] {
  return lines.flatMap(({ level, message }) => (level === "warn" && !message.startsWith("Commit-reveal") ? [message] : []));
}
