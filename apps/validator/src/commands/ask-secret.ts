import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** Asks on the terminal for a line that is not shown. Ctrl-C rejects. */
export async function askSecret(question: string): Promise<string> {
  process.stderr.write(question);
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silence, terminal: true });
  const interrupted = new AbortController();
  lines.once("SIGINT", () => interrupted.abort(new Error("interrupted")));
  try {
    return await lines.question("", { signal: interrupted.signal });
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
