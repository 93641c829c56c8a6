/** Where the client tells what happens to its connection. Constant messages, structured facts, no secrets. */
export type ChainLogger = {
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void;
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
};

/** A logger that drops everything. */
export const silentLogger: ChainLogger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
