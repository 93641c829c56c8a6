import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

/** Whether Prometheus is installed (Debian's package `prometheus`); where it is not, what needs it is skipped. */
export const hasPrometheus = spawnSync("prometheus", ["--version"]).status === 0;

const answerSchema = z.object({
  status: z.literal("success"),
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

/** A Prometheus that scrapes every second. */
export type Prometheus = {
  /** Values of a query now, those that are numbers. Rejects with Prometheus' own words when it is none. */
  query(expression: string): Promise<readonly number[]>;
  stop(): Promise<void>;
};

/** Starts Prometheus on a port, with a folder for its files, and resolves when it answers. `targets`: addresses by job. */
export async function startPrometheus(
  folder: string,
  { port, targets }: { readonly port: number; readonly targets: Readonly<Record<string, string>> },
): Promise<Prometheus> {
  await mkdir(folder, { recursive: true });
  const jobs = Object.entries(targets).map(([job, target]) => ({ job_name: job, static_configs: [{ targets: [target] }] }));
  // JSON is YAML.
  await writeFile(join(folder, "prometheus.yml"), JSON.stringify({ global: { scrape_interval: "1s" }, scrape_configs: jobs }));
  const child: ChildProcess = spawn(
    "prometheus",
    [
      ...[`--config.file=${join(folder, "prometheus.yml")}`, `--storage.tsdb.path=${join(folder, "data")}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, "--log.level=error"],
    ],
    { stdio: "ignore" },
  );
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (child.exitCode === null && !(await isReady())) await sleep(50);
  return {
    async query(expression) {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`);
      const body: unknown = await response.json();
      const answer = answerSchema.safeParse(body);
      if (!answer.success) throw new Error(`Prometheus does not answer ${expression}: ${JSON.stringify(body)}`);
      return answer.data.data.result.map(({ value }) => Number(value[1])).filter((value) => !Number.isNaN(value));
    },
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
