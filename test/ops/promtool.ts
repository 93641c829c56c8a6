import { spawnSync } from "node:child_process";

/** Whether a program of Prometheus is installed; where it is not, what needs it is skipped. Debian: `apt-get install prometheus`. */
export function isInstalled(program: "promtool" | "prometheus"): boolean {
  return spawnSync(program, ["--version"]).status === 0;
}
