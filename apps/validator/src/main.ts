#!/usr/bin/env node
import { createTerminal } from "@vision/program";
import { runCli } from "./commands/run-cli.js";

/** A signal that follows this soon is the same wish, told twice: a terminal's Ctrl-C reaches us directly and through whoever started us. */
const REPEATED_WISH_MS = 1_000;

const stop = new AbortController();
let stoppedAtMs = 0;
// SIGHUP: the terminal is gone. It would end us at once.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    // A second Ctrl-C: whoever is at the keyboard does not want to wait for the last writes.
    if (stop.signal.aborted && name === "SIGINT" && performance.now() - stoppedAtMs > REPEATED_WISH_MS) process.exit(130);
    if (stop.signal.aborted) return;
    stoppedAtMs = performance.now();
    stop.abort(new Error(`stopped by ${name}`));
  });
}
// Started by another program: without it nobody is left who could stop us.
if (process.channel !== undefined) process.once("disconnect", () => stop.abort(new Error("the program that started this one is gone")));
// A closed pipe (`vision-validator report | head`) is no failure.
process.stdout.on("error", () => process.exit(0));

const terminal = createTerminal();
const exitCode = await runCli(process.argv.slice(2), {
  environment: process.env,
  workingDirectory: process.cwd(),
  writeOut: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  signal: stop.signal,
  askSecret: terminal.isInteractive ? terminal.askSecret : null,
});
// Output to a pipe is written behind our back; what is left open (a worker, a socket) must not keep a finished program alive.
process.stdout.write("", () => process.exit(exitCode));
