import { spawn } from "node:child_process";
import { join } from "node:path";

/** A subnet on this machine with the page in front of it. */
export type Subnet = {
  /** Address as it is printed, with a key in it. */
  readonly pageUrl: string;
  /** The same with the operator's token. */
  readonly operatorUrl: string;
  stop(): Promise<void>;
};

const program = join(import.meta.dirname, "..", "..", "localnet", "dist", "main.js");

/** What the page is tried with; a third one shows nothing else, and takes a third more of the machine. */
const tasks = ["chat-tiny", "image-tiny"];

/** Starts the built localnet. Rejects with what it printed when it ends before it is up. */
export async function startSubnet(): Promise<Subnet> {
  const child = spawn(process.execPath, [program, "--tasks", ...tasks, "--period", "20", "--no-open"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const urls = await new Promise<Pick<Subnet, "pageUrl" | "operatorUrl">>((resolve, reject) => {
    const take = (bytes: Buffer) => {
      printed += bytes.toString();
      const pageUrl = /http:\/\/\S+#key=\S+/.exec(printed)?.[0];
      const operatorUrl = /http:\/\/\S+#operator=\S+(?=\n)/.exec(printed)?.[0];
      if (pageUrl !== undefined && operatorUrl !== undefined) resolve({ pageUrl, operatorUrl });
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    void exited.then(() => reject(new Error(`localnet ended before it was up:\n${printed}`)));
  });
  return {
    ...urls,
    async stop() {
      child.kill("SIGINT");
      await exited;
    },
  };
}
