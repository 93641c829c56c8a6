#!/usr/bin/env node
import { createTerminal, listenForStop } from "@vision/program";
import { runCli } from "./commands/run-cli.js";

// Whoever sits at a terminal closes it to end what runs there; without one, a hangup is somebody's wish to have files read again.
const hasTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
const rereaders: (() => void)[] = [];
function reread(): boolean {
  for (const listener of rereaders) listener();
  return rereaders.length > 0;
}
const { signal, insisted } = listenForStop(process, { onHangup: hasTerminal ? undefined : reread });
insisted.addEventListener("abort", () => process.exit(130));
// A closed pipe (`vision-validator report | head`) is no failure.
process.stdout.on("error", () => process.exit(0));

const terminal = createTerminal();
const exitCode = await runCli(process.argv.slice(2), {
  environment: process.env,
  workingDirectory: process.cwd(),
  writeOut: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  signal,
  onReread: (listener) => rereaders.push(listener),
  askSecret: terminal.isInteractive ? terminal.askSecret : null,
});
// Output to a pipe is written behind our back; what is left open (a worker, a socket) must not keep a finished program alive.
process.stdout.write("", () => process.exit(exitCode));
