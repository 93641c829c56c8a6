import type { PeriodRequests, RequestDot } from "@vision/protocol";
import { useMemo, useState } from "react";
import { Chart, type ChartSeries } from "../components/chart.js";
import type { DotShape } from "../components/draw-dots.js";
import { ScrollTable } from "../components/scroll-table.js";
import { Failure, Loading } from "../components/states.js";
import { usePeriodRequests } from "../data/queries.js";
import { formatCount, formatLatency, formatTime } from "../format/format.js";

const outcomes = {
  ok: { label: "answered", colour: "ok", form: "circle" },
  rateLimited: { label: "429", colour: "warn", form: "diamond" },
  failed: { label: "failed", colour: "bad", form: "triangle" },
  excused: { label: "not counted", colour: "quiet", form: "square" },
} as const satisfies Record<RequestDot["outcome"], { readonly label: string; readonly colour: string; readonly form: DotShape["form"] }>;
const kinds = { synthetic: "probe", organic: "user's" } as const satisfies Record<RequestDot["kind"], string>;

const ROWS = 200;

function seriesOf(dots: readonly RequestDot[]): readonly ChartSeries[] {
  const sizes = dots.map(({ count }) => count);
  return (["synthetic", "organic"] as const).flatMap((kind) =>
    (["ok", "rateLimited", "failed", "excused"] as const).flatMap((outcome) => {
      const values = dots.map((dot) => (dot.kind === kind && dot.outcome === outcome ? dot.latencyMs : null));
      if (values.every((value) => value === null)) return [];
      const { label, colour, form } = outcomes[outcome];
      return [{ label: `${kinds[kind]} ${label}`, colour, values, dots: { form, isHollow: kind === "organic", sizes } }];
    }),
  );
}

function DotTable({ dots, title }: { readonly dots: readonly RequestDot[]; readonly title: string }) {
  const [shown, setShown] = useState(ROWS);
  return (
    <>
      <ScrollTable label={title}>
        <thead>
          <tr>
            {["Sent at", "Task", "Kind", "Outcome"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            {["Latency", "Requests"].map((name) => (
              <th key={name} scope="col" className="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {dots.slice(0, shown).map((dot, index) => (
            <tr key={index}>
              <th scope="row">{formatTime(dot.atMs)}</th>
              <td>{dot.taskId}</td>
              <td>{kinds[dot.kind]}</td>
              <td>{outcomes[dot.outcome].label}</td>
              <td className="number">{formatLatency(dot.latencyMs)}</td>
              <td className="number">{dot.count}</td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
      {dots.length > shown && (
        <button type="button" onClick={() => setShown(shown + ROWS)}>
          {formatCount(dots.length - shown)} more rows
        </button>
      )}
    </>
  );
}

function Dots({ requests }: { readonly requests: PeriodRequests }) {
  const [taskId, setTask] = useState("");
  const taskIds = useMemo(() => [...new Set(requests.dots.map((dot) => dot.taskId))].sort(), [requests]);
  const { dots, x, series } = useMemo(() => {
    const chosen = requests.dots.filter((dot) => taskId === "" || dot.taskId === taskId);
    return { dots: chosen, x: chosen.map(({ atMs }) => atMs / 1_000), series: seriesOf(chosen) };
  }, [requests, taskId]);
  const describe = (index: number) => {
    const dot = dots[index];
    return dot === undefined ? "" : `${dot.taskId}${dot.count > 1 ? `, ${dot.count} requests` : ""}`;
  };
  const title = `Requests of period ${requests.period}: latency by time sent`;
  return (
    <>
      <label className="narrow">
        Task
        <select value={taskId} onChange={({ target }) => setTask(target.value)}>
          <option value="">all tasks</option>
          {taskIds.map((id) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      </label>
      <Chart
        {...{ title, x, series, describe }}
        xLabel="Sent at"
        format={formatLatency}
        height={260}
        isTime
        isLogarithmic
        table={<DotTable key={taskId} dots={dots} title={title} />}
      />
      <p className="quiet">
        Full marks are probes, hollow ones users'. Latency is the time to the first content, or to the end where there is none; a larger
        mark is several requests. Times are rounded, and whom a request was sent to is left out, so that single ones are hard to find again.
        {requests.omittedRequests > 0 && ` ${formatCount(requests.omittedRequests)} of users' requests are left out: there are too many.`}
      </p>
    </>
  );
}

/** Every request of a closed period on its time axis. */
export function PeriodDots({ period }: { readonly period: number }) {
  const { data, isPending, isError, error } = usePeriodRequests(period);
  return (
    <section className="panel">
      <h2>
        Every request <span className="aside">probes and users', told apart now that the period is over</span>
      </h2>
      {isPending && <Loading />}
      {isError && <Failure error={error} missing="The requests of this period are not kept any more." />}
      {data !== undefined &&
        (data.dots.length === 0 ? <p className="quiet">Nobody was asked in this period.</p> : <Dots requests={data} />)}
    </section>
  );
}
