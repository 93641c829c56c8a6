import { spawnSync } from "node:child_process";

/** Whether a program is installed; where it is not, what needs it is skipped. Debian has the first two in its package `prometheus`. */
export function isInstalled(program: "promtool" | "prometheus" | "systemd-analyze"): boolean {
  return spawnSync(program, ["--version"]).status === 0;
}
