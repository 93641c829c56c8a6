/** Structured log: a constant message and facts. Prompts and answers are never logged. */
export type Logger = {
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void;
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
};

const ignore = () => undefined;

/** Logs nothing. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function write(level: string) {
  return (message: string, facts?: Readonly<Record<string, unknown>>) => {
    const line = { level, message, ...facts };
    process.stderr.write(`${JSON.stringify(line, (_key, value) => (typeof value === "bigint" ? value.toString() : value))}\n`);
  };
}

/** Writes one JSON object a line to stderr, from `info` up. */
export const stderrLogger: Logger = { debug: ignore, info: write("info"), warn: write("warn"), error: write("error") };
