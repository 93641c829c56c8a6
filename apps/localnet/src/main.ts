import { findPaymentFaults } from "./find-payment-faults.js";
import { openInBrowser } from "./open-in-browser.js";
import { parseOptions } from "./options.js";
import { REAL_TASK_ID } from "./real-subnet.js";
import { localnetReportSchema } from "./report-schema.js";
import { runLocalnet } from "./run-localnet.js";
import { renderChain, renderPeriod } from "./table.js";

const options = parseOptions(process.argv.slice(2));
const stopping = new AbortController();
let isStopping = false;
/** What a program that has closed everything needs to end. */
const END_MS = 10_000;

function stop(): void {
  if (isStopping) return;
  isStopping = true;
  process.stderr.write("\nStopping…\n");
  stopping.abort();
}

process.on("SIGINT", stop);
process.on("SIGTERM", stop);
process.on("SIGHUP", stop);
// Whoever started us is gone, however it ended: so are we.
if (process.channel !== undefined) process.on("disconnect", stop);

const startedMs = performance.now();
const say = (line: string) => process.stderr.write(`${line}\n`);
const show = (text: string) => (options.isJson ? process.stderr : process.stdout).write(`\n${text}\n`);

try {
  const report = await runLocalnet(
    options,
    {
      onProgress: (line) => say(`[${((performance.now() - startedMs) / 1000).toFixed(1)} s] ${line}`),
      onReady({ baseUrl, apiKey, operatorToken }) {
        say(
          `[${((performance.now() - startedMs) / 1000).toFixed(1)} s] The subnet is running; periods of ${options.periodMs / 1000} s. Ctrl-C stops everything.`,
        );
        // What stands after # never leaves the browser; the page takes the key from there for its playground.
        const pageUrl = `${baseUrl}/#key=${apiKey}`;
        if (options.isOpened && process.stdout.isTTY) openInBrowser(pageUrl);
        show(
          [
            `See it:\n${pageUrl}\n`,
            `As its operator (keys, settings, log of changes):\n${baseUrl}/#operator=${operatorToken}\n`,
            "Or ask it from a terminal:",
            `curl -N ${baseUrl}/v1/chat/completions -H 'authorization: Bearer ${apiKey}' -H 'content-type: application/json' \\`,
            `  -d '{"model":"${options.modelPath === null ? "chat-tiny" : REAL_TASK_ID}","stream":true,"max_tokens":64,"messages":[{"role":"user","content":"What is the capital of Italy?"}]}'`,
          ].join("\n"),
        );
      },
      onPeriod(period, chain) {
        show(renderPeriod(period));
        show(renderChain(chain));
      },
    },
    stopping.signal,
  );
  if (options.isJson && !isStopping) process.stdout.write(`${JSON.stringify(localnetReportSchema.parse(report), null, 2)}\n`);
  if (!options.isJson && !isStopping) show(renderChain(report.chain));
  const faults = options.modelPath === null || isStopping ? [] : findPaymentFaults(report);
  if (options.modelPath !== null && !isStopping)
    show(faults.length === 0 ? "Honest miners were paid, the others were not." : faults.join("\n"));
  process.exitCode = isStopping && options.periods !== null ? 130 : Math.min(faults.length, 1);
} catch (error) {
  if (!isStopping) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  }
}
isStopping = true;
if (process.channel !== undefined) process.disconnect();
// All is told and all has stopped: what is still open is a mistake, which must not keep whoever waits for the end.
process.stdout.write("", () => {
  setTimeout(() => {
    say(`Still open at the end: ${process.getActiveResourcesInfo().join(", ")}.`);
    process.exit();
  }, END_MS).unref();
});
