import { execFile } from "node:child_process";

/** What a command printed on stdout. Rejects with everything it printed when it fails. */
export function runCommand(
  command: string,
  commandArguments: readonly string[],
  options: { readonly cwd: string; readonly timeoutMs: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    // Settings of the surrounding npm run must not leak into the stranger's folder.
    const environment = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !name.startsWith("npm_package_") && !name.startsWith("npm_lifecycle_") && name !== "NODE_OPTIONS",
      ),
    );
    const settings = { cwd: options.cwd, timeout: options.timeoutMs, env: environment, maxBuffer: 64 * 1024 * 1024 };
    execFile(command, commandArguments, settings, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} ${commandArguments.join(" ")}: ${error.message}\n${stdout}\n${stderr}`.slice(0, 20_000)));
    });
  });
}
