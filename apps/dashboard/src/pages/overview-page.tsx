import type { HistoryReport, LiveReport, PeriodReport } from "@vision/protocol";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { Bar, OutcomeBar } from "../components/bar.js";
import { MinerName } from "../components/miner-name.js";
import { ScrollTable } from "../components/scroll-table.js";
import { Sparkline } from "../components/sparkline.js";
import { Stat } from "../components/stat.js";
import { Failure, Loading } from "../components/states.js";
import { type Live, useLive } from "../data/live.js";
import { useHistory, usePeriodReport } from "../data/queries.js";
import { linkTo } from "../data/routes.js";
import { formatCount, formatDuration, formatFactor, formatPercent, formatUnits } from "../format/format.js";

const Chart = lazy(async () => ({ default: (await import("../components/chart.js")).Chart }));

/** This machine's time, by the validator's clock; moves four times a second. */
function useValidatorTime(offsetMs: number): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return nowMs + offsetMs;
}

function PeriodClock({ period, offsetMs }: { readonly period: NonNullable<LiveReport["period"]>; readonly offsetMs: number }) {
  const nowMs = useValidatorTime(offsetMs);
  const { startsAtMs, endsAtMs } = period;
  const passed = Math.min(1, Math.max(0, (nowMs - startsAtMs) / Math.max(1, endsAtMs - startsAtMs)));
  return (
    <>
      <Bar fraction={passed} />
      {nowMs < endsAtMs ? `${formatDuration(endsAtMs - nowMs)} left of ${formatDuration(endsAtMs - startsAtMs)}` : "closing"}
    </>
  );
}

function Now({ live, last }: { readonly live: Live; readonly last: HistoryReport["periods"][number] | undefined }) {
  const { report, requestsPerSecond, clockOffsetMs } = live;
  if (report === null) return <Loading />;
  const { period, chain, checksWaiting } = report;
  const readBack = chain.areWeightsReadBack === null ? "" : chain.areWeightsReadBack ? ", read back ✓" : ", not on chain yet";
  const untilEpoch =
    chain.nextEpochBlock === null || chain.blockNumber === null ? null : Math.max(0, chain.nextEpochBlock - chain.blockNumber);
  return (
    <dl className="stats">
      <Stat
        label="Period"
        value={period?.period ?? "–"}
        note={period === null ? "the first one is about to start" : <PeriodClock period={period} offsetMs={clockOffsetMs} />}
      />
      <Stat
        label="Requests in this period"
        value={period === null ? "–" : formatCount(period.requests)}
        note={
          requestsPerSecond === null ? "probes and users' together" : `${requestsPerSecond.toFixed(1)} a second, probes and users' together`
        }
      />
      <Stat
        label="Answered / 429 / failed"
        value={period === null ? "–" : `${period.okCount} / ${period.rateLimitedCount} / ${period.failedCount}`}
        note={period === null ? undefined : <OutcomeBar {...period} />}
      />
      <Stat
        label="Last period"
        value={last === undefined ? "–" : `${formatCount(last.organicCount)} + ${formatCount(last.requests - last.organicCount)}`}
        note="users' requests + probes"
      />
      <Stat label="Checks waiting" value={checksWaiting ?? "–"} note="answers to recompute" />
      <Stat
        label="Chain block"
        value={chain.blockNumber === null ? "–" : formatCount(chain.blockNumber)}
        note={
          chain.isConnected
            ? untilEpoch === null
              ? "connected"
              : untilEpoch === 0
                ? "epoch due"
                : `epoch in ${untilEpoch} blocks`
            : "not connected"
        }
      />
      <Stat
        label="Weights set at block"
        value={chain.weightsSetAtBlock === null ? "–" : formatCount(chain.weightsSetAtBlock)}
        note={chain.weightsSetAtBlock === null ? "none yet" : `once an epoch${readBack}`}
      />
    </dl>
  );
}

function Tasks({ tasks, report }: { readonly tasks: LiveReport["tasks"]; readonly report: PeriodReport | undefined }) {
  const weights = new Map((report?.tasks ?? []).map(({ taskId, weight }) => [taskId, weight]));
  const sorted = [...tasks].sort((a, b) => (weights.get(b.taskId) ?? 0) - (weights.get(a.taskId) ?? 0));
  return (
    <ScrollTable label="Tasks">
      <thead>
        <tr>
          <th scope="col">Task</th>
          <th scope="col">Share of the reward</th>
          <th scope="col" className="number">
            Miners
          </th>
          <th scope="col">Model</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((task) => {
          const weight = weights.get(task.taskId);
          return (
            <tr key={task.taskId}>
              <th scope="row">
                <a href={linkTo("tasks", task.taskId)}>{task.taskId}</a>
              </th>
              <td className="with-bar">{weight === undefined ? "–" : [<Bar key="bar" fraction={weight} />, formatPercent(weight)]}</td>
              <td className="number">{task.minerCount}</td>
              <td className="quiet">{task.model}</td>
            </tr>
          );
        })}
      </tbody>
    </ScrollTable>
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function Miners({ report, history }: { readonly report: PeriodReport; readonly history: HistoryReport | undefined }) {
  const highest = Math.max(1e-9, ...report.miners.map(({ weight }) => weight));
  const weightsOf = (hotkey: string) => (history?.periods ?? []).map(({ weights }) => weights[hotkey] ?? 0);
  return (
    <ScrollTable label="Miners by weight">
      <thead>
        <tr>
          <th scope="col" className="number">
            #
          </th>
          <th scope="col">Miner</th>
          <th scope="col" className="number">
            UID
          </th>
          <th scope="col">Weight</th>
          <th scope="col">Over time</th>
          <th scope="col">Answered / 429 / failed</th>
          <th scope="col">Quality by task</th>
          <th scope="col" className="number">
            Credited / declared
          </th>
        </tr>
      </thead>
      <tbody>
        {report.miners.map((miner, index) => {
          const counts = {
            okCount: sum(miner.tasks.map(({ okCount }) => okCount)),
            rateLimitedCount: sum(miner.tasks.map(({ rateLimitedCount }) => rateLimitedCount)),
            failedCount: sum(miner.tasks.map(({ failedCount }) => failedCount)),
          };
          const declared = sum(miner.tasks.map(({ declaredCapacityPerHour }) => declaredCapacityPerHour));
          const credited = sum(miner.tasks.map(({ creditedCapacityPerHour }) => creditedCapacityPerHour));
          const weights = weightsOf(miner.hotkey);
          return (
            <tr key={miner.hotkey}>
              <td className="number quiet">{index + 1}</td>
              <th scope="row">
                <MinerName hotkey={miner.hotkey} />
              </th>
              <td className="number quiet">{miner.uid ?? "–"}</td>
              <td className="with-bar">
                <Bar fraction={miner.weight / highest} />
                {formatPercent(miner.weight)}
              </td>
              <td>
                <Sparkline
                  values={weights}
                  label={`Weight over ${weights.length} periods, from ${formatPercent(weights[0] ?? 0)} to ${formatPercent(weights.at(-1) ?? 0)}`}
                />
              </td>
              <td className="with-bar">
                <OutcomeBar {...counts} />
                {counts.okCount}/{counts.rateLimitedCount}/{counts.failedCount}
              </td>
              <td className="chips">
                {miner.tasks.map((task) => (
                  <span
                    key={task.taskId}
                    className={`chip ${task.meanVerdict < 0.5 && task.sampleCount > 0 ? "bad" : ""}`}
                    title={task.taskId}
                  >
                    {task.taskId.split("-")[0]} {formatFactor(task.quality)}
                  </span>
                ))}
              </td>
              <td className="number">
                {formatUnits(credited)} / {formatUnits(declared)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </ScrollTable>
  );
}

function Requests({ history }: { readonly history: HistoryReport }) {
  const data = useMemo(() => {
    const { periods } = history;
    return {
      x: periods.map(({ endsAtMs }) => endsAtMs / 1_000),
      series: [
        { label: "probes", colour: "accent", values: periods.map(({ requests, organicCount }) => requests - organicCount) },
        { label: "users' requests", colour: "second", values: periods.map(({ organicCount }) => organicCount) },
        { label: "failed", colour: "bad", values: periods.map(({ failedCount }) => failedCount) },
      ],
    };
  }, [history]);
  return <Chart title="Requests by period" xLabel="Period that ended" isTime {...data} format={formatCount} height={170} />;
}

/** The subnet as it is now, and who earns what. */
export function OverviewPage() {
  const live = useLive();
  const report = usePeriodReport("latest");
  const history = useHistory();
  return (
    <>
      <h1>Overview</h1>
      <Now live={live} last={history.data?.periods.at(-1)} />
      <section className="panel">
        <h2>
          Miners
          {report.data !== undefined && (
            <span className="aside">
              after period <a href={linkTo("periods", report.data.period)}>{report.data.period}</a> ·{" "}
              <a href={linkTo("recompute", report.data.period)}>recompute it</a>
            </span>
          )}
        </h2>
        {report.data !== undefined && <Miners report={report.data} history={history.data} />}
        {report.isPending && <Loading />}
        {report.isError && (
          <Failure error={report.error} missing="The first period has not been scored yet. Its miners appear here as soon as it is over." />
        )}
      </section>
      <div className="columns">
        <section className="panel">
          <h2>Tasks</h2>
          {live.report === null ? <Loading /> : <Tasks tasks={live.report.tasks} report={report.data} />}
        </section>
        <section className="panel">
          <h2>Requests</h2>
          {history.data !== undefined && history.data.periods.length > 1 ? (
            <Suspense fallback={<Loading />}>
              <Requests history={history.data} />
            </Suspense>
          ) : (
            <p className="quiet">Shown from the second closed period on.</p>
          )}
        </section>
      </div>
    </>
  );
}
