import pino from "pino";
import type { LogLevel } from "./log-levels.js";
import { redactFacts } from "./redact.js";

/** How and where lines are written. */
export type LoggerOptions = {
  readonly level: LogLevel;
  /** Receives whole lines of JSON. The program's standard error by default: standard output belongs to the commands' results. */
  readonly destination?: { write(line: string): void };
};

type Write = (message: string, facts?: Readonly<Record<string, unknown>>) => void;

/** The logger of a program; it is one for every package. */
export type ProgramLogger = {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  /** Changes what is written from now on. */
  setLevel(level: LogLevel): void;
};

/** Logger that writes one line of JSON each: `{"level":"info","time":"...","message":"...", ...facts}`. No secret gets into one. */
export function createLogger(options: LoggerOptions): ProgramLogger {
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    // Written at once: the lines before an exit are the ones that matter.
    options.destination ?? openStandardError(),
  );
  const writeAt =
    (level: "debug" | "info" | "warn" | "error"): Write =>
    (message, facts = {}) => {
      if (logger.isLevelEnabled(level)) logger[level](redactFacts(facts), message);
    };
  return {
    debug: writeAt("debug"),
    info: writeAt("info"),
    warn: writeAt("warn"),
    error: writeAt("error"),
    setLevel(level) {
      logger.level = level;
    },
  };
}

/** Lines that cannot be written, because the terminal was closed or the disk is full, are lost; the program goes on. */
function openStandardError(): pino.DestinationStream {
  const destination = pino.destination({ fd: 2, sync: true });
  destination.on("error", () => undefined);
  return destination;
}
