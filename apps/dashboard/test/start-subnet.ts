import { spawn } from "node:child_process";
import { join } from "node:path";

/** A subnet on this machine with the page in front of it. */
export type Subnet = {
  /** Address as it is printed, with a key in it. */
  readonly pageUrl: string;
  stop(): Promise<void>;
};

const program = join(import.meta.dirname, "..", "..", "localnet", "dist", "main.js");

/** Starts the built localnet. Rejects with what it printed when it ends before it is up. */
export async function startSubnet(): Promise<Subnet> {
  const child = spawn(process.execPath, [program, "--period", "20", "--no-open"], { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const pageUrl = await new Promise<string>((resolve, reject) => {
    const take = (bytes: Buffer) => {
      printed += bytes.toString();
      const url = /http:\/\/\S+#key=\S+/.exec(printed)?.[0];
      if (url !== undefined) resolve(url);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    void exited.then(() => reject(new Error(`localnet ended before it was up:\n${printed}`)));
  });
  return {
    pageUrl,
    async stop() {
      child.kill("SIGINT");
      await exited;
    },
  };
}
