import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { createPrometheusMetrics } from "../../apps/validator/src/adapters/metrics/index.js";
import { knownSeries, seriesIn } from "./metric-names.js";
import { isInstalled } from "./promtool.js";

const folder = join(import.meta.dirname, "..", "..", "ops", "prometheus");
const files = (ending: string) => readdirSync(folder).filter((name) => name.endsWith(ending));
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const promtool = (args: readonly string[], input?: string) => {
  const { status, stdout, stderr } = spawnSync("promtool", [...args], { cwd: folder, encoding: "utf8", input });
  return { status, said: `${stdout}${stderr}` };
};

describe("alarms", () => {
  it("use no series that the programs do not have", async () => {
    const known = await knownSeries();
    for (const name of files(".rules.yml")) {
      expect({ name, unknown: seriesIn(read(name)).filter((series) => !known.has(series)) }).toEqual({ name, unknown: [] });
    }
  });

  it("are all tested, quiet and loud", () => {
    for (const name of files(".rules.yml")) {
      const tests = read(name.replace(".rules.", ".tests."));
      const alarms = [...read(name).matchAll(/- alert: (\w+)/g)].map(([, alarm]) => alarm);
      expect(alarms.length).toBeGreaterThan(5);
      const isTested = (alarm: string | undefined) =>
        ["\\[\\]", "\\n +- labels"].every((outcome) =>
          new RegExp(`alertname="${alarm}"[^\\n]*\\n +eval_time: \\w+\\n +exp_samples: ?${outcome}`).test(tests),
        );
      expect({ name, untested: alarms.filter((alarm) => !isTested(alarm)) }).toEqual({ name, untested: [] });
    }
  });

  it("say what happened and what to do", () => {
    for (const name of files(".rules.yml")) {
      for (const rule of read(name).split("- alert: ").slice(1)) {
        expect(rule).toMatch(/severity: (critical|warning)[\s\S]*summary: "[\s\S]*action: "/);
      }
    }
  });
});

(isInstalled("promtool") ? describe : describe.skip)("promtool (skipped where Prometheus is not installed)", () => {
  it("finds the rules well formed", () => {
    expect(promtool(["check", "rules", ...files(".rules.yml")])).toMatchObject({ status: 0 });
  });

  it("finds that every alarm is quiet and loud when it should be", () => {
    expect(promtool(["test", "rules", ...files(".tests.yml")])).toMatchObject({ status: 0 });
  });

  it("finds nothing to criticise in the names and units of the metrics", async () => {
    const text = await createPrometheusMetrics({ hasProcessMetrics: false }).render();
    expect(promtool(["check", "metrics"], text)).toEqual({ status: 0, said: "" });
  });
});
