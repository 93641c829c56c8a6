import type { Logger } from "@vision/sdk";
import { pino } from "pino";

/** Logger of the program: one JSON object a line to stderr, a constant message and structured facts. */
export function createLogger(level: "debug" | "info" | "warn" | "error" | "silent"): Logger {
  const target = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    // Written at once: the lines before an exit are the ones that matter.
    pino.destination({ fd: 2, sync: true }),
  );
  const write = (severity: "debug" | "info" | "warn" | "error") => (message: string, facts?: Readonly<Record<string, unknown>>) => {
    target[severity](toLoggable(facts), message);
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

function toLoggable(facts: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, loggable(value)]));
}

function loggable(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Error) return { name: value.name, message: value.message, ...("code" in value ? { code: value.code } : {}) };
  return value;
}
