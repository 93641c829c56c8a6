import { OutcomeBar } from "../components/bar.js";
import { MinerName } from "../components/miner-name.js";
import { ScrollTable } from "../components/scroll-table.js";
import { Stat } from "../components/stat.js";
import { Failure, Loading } from "../components/states.js";
import { useHistory, usePeriodReport } from "../data/queries.js";
import { linkTo } from "../data/routes.js";
import { formatCount, formatDuration, formatFactor, formatPercent, formatTime, formatUnits } from "../format/format.js";
import { PeriodDots } from "./period-dots.js";

/** One closed period: its plan, and what came of it. */
export default function PeriodPage({ period }: { readonly period: number | "latest" }) {
  const { data, isPending, isError, error } = usePeriodReport(period);
  const history = useHistory();
  if (isPending) return <Loading />;
  if (isError)
    return (
      <Failure error={error} missing={period === "latest" ? "No period has been scored yet." : `There is no report of period ${period}.`} />
    );
  const rows = data.miners.flatMap((miner) => miner.tasks.map((task) => ({ hotkey: miner.hotkey, ...task })));
  const total = (
    name: "requests" | "organicCount" | "okCount" | "rateLimitedCount" | "failedCount" | "plannedRequests" | "unsentRequests",
  ) => rows.reduce((sum, row) => sum + row[name], 0);
  return (
    <>
      <h1>
        Period {data.period}{" "}
        <span className="aside">
          {formatTime(data.startsAtMs)} to {formatTime(data.endsAtMs)} · <a href={linkTo("recompute", data.period)}>recompute it</a>
        </span>
      </h1>
      <nav aria-label="Periods" className="scroll">
        <ul>
          {(history.data?.periods ?? []).slice(-16).map((each) => (
            <li key={each.period}>
              <a href={linkTo("periods", each.period)} aria-current={each.period === data.period ? "page" : undefined}>
                {each.period}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <dl className="stats">
        <Stat label="Length" value={formatDuration(data.endsAtMs - data.startsAtMs)} note={`scored with ${data.preset}`} />
        <Stat
          label="Requests"
          value={formatCount(total("requests"))}
          note={`${formatCount(total("organicCount"))} users', ${formatCount(total("requests") - total("organicCount"))} probes`}
        />
        <Stat
          label="Answered / 429 / failed"
          value={`${total("okCount")} / ${total("rateLimitedCount")} / ${total("failedCount")}`}
          note={<OutcomeBar okCount={total("okCount")} rateLimitedCount={total("rateLimitedCount")} failedCount={total("failedCount")} />}
        />
        <Stat
          label="Planned requests"
          value={formatCount(total("plannedRequests"))}
          note={`${formatCount(total("unsentRequests"))} not sent`}
        />
        <Stat
          label="Weights"
          value={data.weightSet?.includedAtBlock == null ? "–" : `block ${formatCount(data.weightSet.includedAtBlock)}`}
          note={
            data.weightSet === null
              ? "none were set before it was scored"
              : `last ${data.weightSet.state} for the epoch at ${formatCount(data.weightSet.epochBlock)}`
          }
        />
      </dl>
      <PeriodDots period={data.period} />
      <section className="panel">
        <h2>Plan and what came of it</h2>
        <ScrollTable label={`Plan of period ${data.period} and what came of it`}>
          <thead>
            <tr>
              <th scope="col">Miner</th>
              <th scope="col">Task</th>
              {["Declared/h", "Tried", "Planned units", "Attempted", "Completed", "Planned/unsent", "Users'"].map((name) => (
                <th key={name} scope="col" className="number">
                  {name}
                </th>
              ))}
              <th scope="col">Answered / 429 / failed</th>
              <th scope="col" className="number">
                Period score
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.hotkey} ${row.taskId}`}>
                <th scope="row">
                  <MinerName hotkey={row.hotkey} />
                </th>
                <td>
                  <a href={linkTo("tasks", row.taskId)}>{row.taskId}</a>
                </td>
                <td className="number">{formatUnits(row.declaredCapacityPerHour)}</td>
                <td className="number">{formatPercent(row.triedFraction, 0)}</td>
                <td className="number">{formatUnits(row.plannedUnits)}</td>
                <td className="number">{formatUnits(row.attemptedUnits)}</td>
                <td className="number">{formatUnits(row.completedUnits)}</td>
                <td className="number">
                  {row.plannedRequests}/{row.unsentRequests}
                </td>
                <td className="number">{row.organicCount}</td>
                <td className="with-bar">
                  <OutcomeBar {...row} />
                  {row.okCount}/{row.rateLimitedCount}/{row.failedCount}
                </td>
                <td className="number">{row.periodScore === null ? "–" : formatFactor(row.periodScore)}</td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      </section>
      <section className="panel">
        <h2>How the plan was drawn</h2>
        <p>
          The seed is published when the period is over; with it anybody can draw the same plan.{" "}
          <span className="mono break">{data.seed}</span>
        </p>
        <p className="quiet">
          {data.plan.shareBands
            .map(
              ({ probability, from, to }) =>
                `${formatPercent(probability, 0)} of the draws try ${formatPercent(from, 0)} to ${formatPercent(to, 0)} of a capacity`,
            )
            .join("; ")}
          ; {data.plan.minRequestsPerPeriod} to {data.plan.maxRequestsPerPeriod} requests each.
        </p>
      </section>
    </>
  );
}
