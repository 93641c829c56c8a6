#!/usr/bin/env node
import { createTerminal, listenForStop } from "@vision/program";
import { runCli } from "./commands/run-cli.js";

const rereaders: (() => void)[] = [];
const onReread = () => {
  for (const listener of rereaders) listener();
};
const { signal, insisted } = listenForStop(process, { onReread });
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
