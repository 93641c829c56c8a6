/** Structured facts of a log line. Never secrets, prompts or outputs. */
export type LogFacts = Readonly<Record<string, unknown>>;

/** Constant message, structured facts. `error` needs a human, `warn` may become one, `info` a few lines per period, `debug` per request. */
export type Logger = {
  debug(message: string, facts?: LogFacts): void;
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  error(message: string, facts?: LogFacts): void;
};
