import type { EpochReport, EvidenceParams, MinerReport } from "@vision/scoring";
import { useMemo } from "react";
import { Chart } from "../components/chart.js";
import { Stat } from "../components/stat.js";
import { Failure, Loading } from "../components/states.js";
import { useHistory, useNames, usePeriodReport, useScores } from "../data/queries.js";
import { linkTo } from "../data/routes.js";
import { formatCount, formatPercent, shortHotkey } from "../format/format.js";
import { adviseMiner } from "./advise-miner.js";
import { Evidence } from "./evidence.js";
import { Waterfall } from "./waterfall.js";

const colours = ["accent", "second", "third", "bad"];

function PeriodScores({ miner }: { readonly miner: MinerReport }) {
  const data = useMemo(() => {
    const x = [...new Set(miner.tasks.flatMap(({ periods }) => periods))].sort((a, b) => a - b);
    const series = miner.tasks.map((task, index) => {
      const scores = new Map(task.periods.map((period, at) => [period, task.periodScores[at] ?? null]));
      return {
        label: task.taskId,
        colour: colours[index % colours.length] ?? "accent",
        values: x.map((period) => scores.get(period) ?? null),
      };
    });
    return { x, series };
  }, [miner]);
  if (data.x.length < 2) return <p className="quiet">Shown from the second period on.</p>;
  return <Chart title="Period score" xLabel="Period" {...data} format={score} />;
}

const score = (value: number) => value.toFixed(2);
const weight = (value: number) => formatPercent(value);

function WeightHistory({ hotkey }: { readonly hotkey: string }) {
  const history = useHistory();
  const data = useMemo(() => {
    const periods = history.data?.periods ?? [];
    const values = periods.map(({ weights }) => weights[hotkey] ?? 0);
    return { x: periods.map(({ period }) => period), series: [{ label: "weight", colour: "accent", values }] };
  }, [history.data, hotkey]);
  if (data.x.length < 2) return <p className="quiet">Shown from the second period on.</p>;
  return <Chart title="Weight" xLabel="Period" {...data} format={weight} />;
}

type ExplainedProps = { readonly epoch: EpochReport; readonly miner: MinerReport; readonly evidenceParams: EvidenceParams | undefined };

function Explained({ epoch, miner, evidenceParams }: ExplainedProps) {
  return (
    <>
      {miner.tasks.map((task) => {
        const advice = adviseMiner(task);
        return (
          <section key={task.taskId} className="panel">
            <h2>
              <a href={linkTo("tasks", task.taskId)}>{task.taskId}</a>
              <span className="aside">why it earns what it earns</span>
            </h2>
            <Waterfall task={task} epoch={epoch} miner={miner} />
            <h3>
              Evidence <span className="aside">what all checked answers say together, in the quality above</span>
            </h3>
            <Evidence task={task} params={evidenceParams} />
            <h3>What to do to earn more</h3>
            {advice.length === 0 ? (
              <p className="quiet">Nothing is lost here. Only more capacity, or faster answers, earn more.</p>
            ) : (
              <ul className="advice">
                {advice.map((text) => (
                  <li key={text}>{text}</li>
                ))}
              </ul>
            )}
            {task.faults.length > 0 && (
              <>
                <h3>Newest failed checks</h3>
                <ul className="advice">
                  {task.faults.map((fault, index) => (
                    <li key={index}>
                      Period {fault.period}, {formatPercent(fault.qualityFraction, 0)} right: {fault.reasons.join("; ")}
                    </li>
                  ))}
                </ul>
              </>
            )}
          </section>
        );
      })}
    </>
  );
}

/** Everything about one miner: what it earns, and by which steps. */
export default function MinerPage({ hotkey }: { readonly hotkey: string }) {
  const scores = useScores("latest");
  const report = usePeriodReport("latest");
  const name = useNames()[hotkey];
  const miner = scores.data?.miners.find((each) => each.hotkey === hotkey);
  const published = report.data?.miners.find((each) => each.hotkey === hotkey);
  const rank = (report.data?.miners.findIndex((each) => each.hotkey === hotkey) ?? -1) + 1;
  return (
    <>
      <h1>
        {name ?? shortHotkey(hotkey)} <span className="aside mono break">{hotkey}</span>
      </h1>
      {scores.isPending && <Loading />}
      {scores.isError && <Failure error={scores.error} missing="No period has been scored yet." />}
      {scores.data !== undefined && miner === undefined && <p className="quiet">This miner is not in the newest scores.</p>}
      {scores.data !== undefined && miner !== undefined && (
        <>
          <dl className="stats">
            <Stat
              label="Weight"
              value={formatPercent(miner.weight, 2)}
              note={rank > 0 ? `rank ${rank} of ${report.data?.miners.length}` : undefined}
            />
            <Stat label="UID" value={published?.uid ?? "–"} note="on the subnet" />
            <Stat label="Tasks" value={miner.tasks.length} note={miner.tasks.map(({ taskId }) => taskId).join(", ")} />
            <Stat
              label="Requests"
              value={formatCount(miner.tasks.reduce((total, task) => total + task.requests, 0))}
              note={`in the record of ${Math.max(0, ...miner.tasks.map(({ periods }) => periods.length))} periods`}
            />
          </dl>
          <Explained epoch={scores.data} miner={miner} evidenceParams={report.data?.evidenceParams} />
          <div className="columns">
            <section className="panel">
              <h2>Reliability by period</h2>
              <PeriodScores miner={miner} />
            </section>
            <section className="panel">
              <h2>Weight by period</h2>
              <WeightHistory hotkey={hotkey} />
            </section>
          </div>
        </>
      )}
    </>
  );
}
