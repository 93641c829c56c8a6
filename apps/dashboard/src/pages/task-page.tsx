import type { MinerTaskReport } from "@vision/scoring";
import { useMemo } from "react";
import { Bar } from "../components/bar.js";
import { Chart } from "../components/chart.js";
import { MinerName } from "../components/miner-name.js";
import { ScrollTable } from "../components/scroll-table.js";
import { Stat } from "../components/stat.js";
import { Failure, Loading } from "../components/states.js";
import { Strip } from "../components/strip.js";
import { useLive } from "../data/live.js";
import { useNames, usePeriodReport, useScores } from "../data/queries.js";
import { formatFactor, formatPercent, formatUnits, shortHotkey } from "../format/format.js";

const colours = ["accent", "second", "third", "bad", "ok", "warn"];
const SHOWN = 6;

function Reliability({ miners }: { readonly miners: readonly MinerTaskReport[] }) {
  const names = useNames();
  const data = useMemo(() => {
    const shown = miners.slice(0, SHOWN);
    const x = [...new Set(shown.flatMap(({ periods }) => periods))].sort((a, b) => a - b);
    const series = shown.map((task, index) => {
      const scores = new Map(task.periods.map((period, at) => [period, task.periodScores[at] ?? null]));
      const label = names[task.hotkey] ?? shortHotkey(task.hotkey);
      return { label, colour: colours[index % colours.length] ?? "accent", values: x.map((period) => scores.get(period) ?? null) };
    });
    return { x, series };
  }, [miners, names]);
  if (data.x.length < 2) return <p className="quiet">Shown from the second period on.</p>;
  return <Chart title={`Period scores of the first ${Math.min(SHOWN, miners.length)}`} xLabel="Period" {...data} format={formatFactor} />;
}

/** All miners of one task. */
export default function TaskPage({ taskId }: { readonly taskId: string }) {
  const scores = useScores("latest");
  const report = usePeriodReport("latest");
  const facts = useLive().report?.tasks.find((task) => task.taskId === taskId);
  const ofTask = scores.data?.tasks.find((task) => task.taskId === taskId);
  const miners = useMemo(
    () =>
      (scores.data?.miners ?? [])
        .flatMap(({ tasks }) => tasks.filter((task) => task.taskId === taskId))
        .sort((a, b) => b.taskScore - a.taskScore),
    [scores.data, taskId],
  );
  const tried = new Map(
    (report.data?.miners ?? []).flatMap(({ hotkey, tasks }) =>
      tasks.filter((task) => task.taskId === taskId).map((task) => [hotkey, task] as const),
    ),
  );
  return (
    <>
      <h1>
        {taskId} {facts !== undefined && <span className="aside">{facts.displayName}</span>}
      </h1>
      {scores.isPending && <Loading />}
      {scores.isError && <Failure error={scores.error} missing="No period has been scored yet." />}
      {scores.data !== undefined && (
        <>
          <dl className="stats">
            <Stat
              label="Share of the reward"
              value={ofTask === undefined ? "–" : formatPercent(ofTask.weight)}
              note="among all tasks that are served"
            />
            <Stat label="Miners" value={miners.length} note={facts === undefined ? undefined : `model ${facts.model}`} />
            <Stat
              label="Effective volume"
              value={`${formatUnits(ofTask?.totalEffectiveVolume ?? 0)}/h`}
              note={facts === undefined ? "of all miners" : `${facts.workUnit} of all miners`}
            />
          </dl>
          <section className="panel">
            <h2>Miners</h2>
            <ScrollTable label={`Miners of ${taskId}`}>
              <thead>
                <tr>
                  <th scope="col">Miner</th>
                  {["Declared/h", "Credited/h", "Tried", "Answered/429/failed", "Period score", "Quality", "Speed"].map((name) => (
                    <th key={name} scope="col" className="number">
                      {name}
                    </th>
                  ))}
                  <th scope="col">Share</th>
                </tr>
              </thead>
              <tbody>
                {miners.map((task) => {
                  const last = tried.get(task.hotkey);
                  return (
                    <tr key={task.hotkey}>
                      <th scope="row">
                        <MinerName hotkey={task.hotkey} />
                      </th>
                      <td className="number">{formatUnits(task.declaredCapacityPerHour)}</td>
                      <td className="number">{formatUnits(task.creditedCapacityPerHour)}</td>
                      <td className="number">{last === undefined ? "–" : formatPercent(last.triedFraction, 0)}</td>
                      <td className="number">
                        {last === undefined ? "–" : `${last.okCount}/${last.rateLimitedCount}/${last.failedCount}`}
                      </td>
                      <td className="number">{last?.periodScore == null ? "–" : formatFactor(last.periodScore)}</td>
                      <td className="number">{formatFactor(task.quality)}</td>
                      <td className="number">{formatFactor(task.meanSpeedFactor)}</td>
                      <td className="with-bar">
                        <Bar fraction={task.taskScore} />
                        {formatPercent(task.taskScore)}
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </ScrollTable>
          </section>
          {miners.length > 0 && (
            <div className="columns">
              <section className="panel">
                <h2>How the miners differ</h2>
                <Strip label="Quality" values={miners.map(({ quality }) => quality)} format={formatFactor} />
                <Strip label="Speed" values={miners.map(({ meanSpeedFactor }) => meanSpeedFactor)} format={formatFactor} />
                <Strip
                  label="Average period score"
                  values={miners.map(({ averagePeriodScore }) => averagePeriodScore)}
                  format={formatFactor}
                />
                <Strip
                  label="Credited capacity"
                  values={miners.map(({ creditedCapacityPerHour }) => creditedCapacityPerHour)}
                  format={formatUnits}
                />
              </section>
              <section className="panel">
                <h2>Reliability by period</h2>
                <Reliability miners={miners} />
              </section>
            </div>
          )}
        </>
      )}
    </>
  );
}
