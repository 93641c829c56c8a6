import { setMaxListeners } from "node:events";
import { isatty } from "node:tty";

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

/** What else a program does on signals, and what it goes by. */
export type StopOptions = {
  readonly nowMs?: () => number;
  /** Called at a SIGHUP that somebody sent to have settings read again. */
  readonly onReread?: (() => void) | undefined;
  readonly terminal?: Terminal;
  readonly later?: (work: () => void, delayMs: number) => void;
};

/** The terminal that a program was started at. */
type Terminal = {
  /** False for a service, and under nohup with its output in a file. */
  readonly isThere: boolean;
  /** Whether it was closed, or the connection that it came over. */
  isGone(): boolean;
};

/** A signal that follows this soon is the same wish, told twice: a terminal's Ctrl-C reaches a program directly and through whoever started it. */
const REPEATED_WISH_MS = 1_000;

/** A terminal's program may tell what runs in it that it closes just before it does. */
const CLOSING_MS = 1_000;

/**
 * Listens for SIGINT, SIGTERM, SIGHUP where the terminal is gone, and for the end of the program that started this one with a channel to it,
 * also where that has ended already. A SIGHUP while the terminal is there, or to a program without one, asks to read settings again: it
 * stops nothing, whether somebody listens or not. To be called first: a signal before it ends the process at once.
 */
export function listenForStop(
  from: StoppableProcess = process,
  { nowMs = () => performance.now(), onReread, terminal = ownTerminal(), later = laterIfAlive }: StopOptions = {},
): StopSignals {
  const stop = new AbortController();
  const insist = new AbortController();
  // Everything under way listens to it: far more than the ten that Node.js takes for a leak, and warns of in the middle of a log.
  setMaxListeners(0, stop.signal);
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
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    from.on(name, () => {
      if (stop.signal.aborted && nowMs() - stoppedAtMs > REPEATED_WISH_MS) insist.abort();
      tell(name);
    });
  }
  const stopIfGone = () => {
    if (stop.signal.aborted || !terminal.isGone()) return;
    from.once("exit", endByHangup);
    tell("SIGHUP");
  };
  from.on("SIGHUP", () => {
    stopIfGone();
    if (stop.signal.aborted) return;
    onReread?.();
    if (terminal.isThere) later(stopIfGone, CLOSING_MS);
  });
  if (from.channel !== undefined) from.once("disconnect", () => tell("disconnect"));
  // There was a channel, and it is closed.
  if (from.connected === false) tell("disconnect");
  return { signal: stop.signal, reason, insisted: insist.signal };
}

/** The terminal of this process's standard streams. One that is closed answers nothing any more, so its streams are none. */
function ownTerminal(): Terminal {
  const streams = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  const isThere = streams.length > 0;
  return { isThere, isGone: () => isThere && !streams.some((descriptor) => isatty(descriptor)) };
}

/**
 * Ends as the signal ends a program, at the moment of its exit: Node.js aborts where it exits at a terminal that is gone, because it cannot
 * set that back.
 */
function endByHangup(): void {
  process.removeAllListeners("SIGHUP");
  process.kill(process.pid, "SIGHUP");
}

function laterIfAlive(work: () => void, delayMs: number): void {
  setTimeout(work, delayMs).unref();
}
