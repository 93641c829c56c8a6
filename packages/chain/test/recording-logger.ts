import type { ChainLogger } from "../src/rpc/chain-logger.js";

/** A line of a log. */
export type LogLine = {
  readonly level: "debug" | "info" | "warn";
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
};

/** A logger that keeps its lines and lets a test await one. */
export function createRecordingLogger(): ChainLogger & {
  readonly lines: readonly LogLine[];
  /** The first line of that message, past or to come, whose facts contain the ones given. */
  heard(message: string, facts?: Readonly<Record<string, unknown>>): Promise<LogLine>;
} {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  const note =
    (level: LogLine["level"]) =>
    (message: string, facts: Readonly<Record<string, unknown>> = {}) => {
      lines.push({ level, message, facts });
      for (const look of [...waiting]) look();
    };
  return {
    lines,
    debug: note("debug"),
    info: note("info"),
    warn: note("warn"),
    heard: (message, facts = {}) =>
      new Promise((resolve) => {
        const look = () => {
          const found = lines.find(
            (line) => line.message === message && Object.entries(facts).every(([key, value]) => line.facts[key] === value),
          );
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
