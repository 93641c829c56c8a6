/** The process as far as it is told to stop. */
type StoppableProcess = Pick<NodeJS.Process, "on" | "once" | "channel" | "connected">;

/** What told a program to stop: a signal, or that the program which started it is gone. */
export type StopReason = "SIGINT" | "SIGTERM" | "SIGHUP" | "disconnect";

/** How a program is told to stop. */
export type StopSignals = {
  /** Aborted when the program is to end what it does and stop. */
  readonly signal: AbortSignal;
  /** Resolves when that happens, with what it was told by. */
  readonly reason: Promise<StopReason>;
  /** Aborted when it was told again: whoever is at the keyboard does not want to wait for what is under way. */
  readonly insisted: AbortSignal;
};

/** What else a program does on signals. */
export type StopOptions = {
  readonly nowMs?: () => number;
  /**
   * Called at a SIGHUP where no terminal can be gone, because the program has none: somebody asks a service to read its settings again. Says
   * whether somebody listened; if not, the program is told to stop as by any other.
   */
  readonly onHangup?: (() => boolean) | undefined;
};

/** A signal that follows this soon is the same wish, told twice: a terminal's Ctrl-C reaches a program directly and through whoever started it. */
const REPEATED_WISH_MS = 1_000;

/**
 * Listens for SIGINT, SIGTERM, SIGHUP (the terminal is gone; see {@link StopOptions.onHangup}) and for the end of the program that started this one with a channel to it,
 * also where that has ended already. To be called first: a signal before it ends the process at once.
 */
export function listenForStop(
  from: StoppableProcess = process,
  { nowMs = () => performance.now(), onHangup }: StopOptions = {},
): StopSignals {
  const stop = new AbortController();
  const insist = new AbortController();
  let stoppedAtMs = 0;
  let onReason: (reason: StopReason) => void = () => {};
  const reason = new Promise<StopReason>((resolve) => {
    onReason = resolve;
  });
  const tell = (by: StopReason) => {
    if (stop.signal.aborted) return;
    stoppedAtMs = nowMs();
    onReason(by);
    stop.abort(new Error(by === "disconnect" ? "the program that started this one is gone" : `stopped by ${by}`));
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    from.on(name, () => {
      if (name === "SIGHUP" && !stop.signal.aborted && onHangup?.() === true) return;
      if (stop.signal.aborted && nowMs() - stoppedAtMs > REPEATED_WISH_MS) insist.abort();
      tell(name);
    });
  }
  if (from.channel !== undefined) from.once("disconnect", () => tell("disconnect"));
  // There was a channel, and it is closed.
  if (from.connected === false) tell("disconnect");
  return { signal: stop.signal, reason, insisted: insist.signal };
}
