import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/** What a command says and asks. Results go to stdout; questions and notes go to stderr, so that a result can be piped. */
export type Terminal = {
  /** False when nobody can answer a question. */
  readonly isInteractive: boolean;
  print(text: string): void;
  note(text: string): void;
  /** The answer to a question. @throws Error when it is refused with Ctrl-C. */
  ask(question: string): Promise<string>;
  /** The same, without showing what is typed. */
  askSecret(question: string): Promise<string>;
};

/** The terminal of this process. */
export function createTerminal(): Terminal {
  return {
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    print: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    ask: (question) => askOn(process.stderr, question),
    async askSecret(question) {
      process.stderr.write(question);
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      try {
        return await askOn(nowhere, "");
      } finally {
        process.stderr.write("\n");
      }
    },
  };
}

function askOn(output: NodeJS.WritableStream, question: string): Promise<string> {
  // As a terminal, so that readline does the echoing, to `output`, and the terminal itself does not.
  const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  return new Promise((resolve, reject) => {
    lines.once("SIGINT", () => lines.close());
    lines.once("close", () => reject(new Error("No answer was given.")));
    lines.question(question, (answer) => {
      resolve(answer);
      lines.close();
    });
  });
}
