import { VisionError } from "@vision/protocol";
import pino from "pino";
import type { LogLevel } from "../../config/log-levels.js";
import { redact } from "../../config/redact.js";
import type { LogFacts, Logger } from "../../ports/index.js";

/** How and where lines are written. */
export type PinoLoggerOptions = {
  readonly level: LogLevel;
  /** Receives whole lines of JSON. The program's standard error by default: standard output belongs to the commands' results. */
  readonly destination?: { write(line: string): void };
};

function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  return {
    message: redact(error.message),
    ...(VisionError.isInstance(error) ? { code: error.code, ...error.facts } : {}),
    // The whole stack only of what nobody foresaw.
    ...(VisionError.isInstance(error) ? {} : { stack: redact(error.stack ?? "") }),
    ...(error.cause === undefined || depth > 3 ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}

function toPlain(facts: LogFacts): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]) => {
      if (value instanceof Error) return [key, describeError(value)];
      if (typeof value === "bigint") return [key, value.toString()];
      return [key, typeof value === "string" ? redact(value) : value];
    }),
  );
}

/** Logger that writes one line of JSON each: `{"level":"info","time":"...","message":"...", ...facts}`. Credentials in URLs are left out. */
export function createPinoLogger(options: PinoLoggerOptions): Logger {
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.destination ?? pino.destination({ fd: 2, sync: true }),
  );
  return {
    debug: (message, facts = {}) => logger.debug(toPlain(facts), message),
    info: (message, facts = {}) => logger.info(toPlain(facts), message),
    warn: (message, facts = {}) => logger.warn(toPlain(facts), message),
    error: (message, facts = {}) => logger.error(toPlain(facts), message),
  };
}
