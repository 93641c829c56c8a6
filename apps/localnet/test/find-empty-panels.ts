import { z } from "zod";
import type { Prometheus } from "./prometheus.js";

// Plain JavaScript, run by itself: a variable keeps the compiler from wanting its types.
const source = "../../../ops/grafana/boards.mjs";
const panelSchema = z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })) });
const boards = z
  .record(z.string(), z.object({ title: z.string(), panels: z.array(panelSchema) }))
  .parse(((await import(source)) as { readonly boards: unknown }).boards);

/** Metrics that a subnet on one machine does not have, with the reason. */
const absent: Readonly<Record<string, string>> = {
  vision_checker_tasks: "no checker runs on another machine",
  vision_reference_: "it has the embedded models alone, which are in no pool of references",
};

/** What Grafana makes of it at a scrape every 15 s. */
const RATE_INTERVAL = "1m";

/** Queries of the boards for which a Prometheus has no number at the moment, with their places. */
export async function findEmptyPanels(prometheus: Prometheus): Promise<readonly string[]> {
  const empty: string[] = [];
  for (const { title: board, panels } of Object.values(boards)) {
    for (const { title, targets } of panels) {
      for (const { expr, legendFormat } of targets) {
        if (Object.keys(absent).some((metric) => expr.includes(metric))) continue;
        const values = await prometheus.query(expr.replaceAll("$__rate_interval", RATE_INTERVAL));
        if (values.length === 0) empty.push(`${board}, ${title}, ${legendFormat}: ${expr}`);
      }
    }
  }
  return empty;
}
