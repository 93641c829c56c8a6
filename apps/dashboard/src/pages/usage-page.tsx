import type { UsageReport } from "@vision/protocol";
import { ScrollTable } from "../components/scroll-table.js";
import { SecretField } from "../components/secret-field.js";
import { Stat } from "../components/stat.js";
import { Failure } from "../components/states.js";
import { useUsage } from "../data/queries.js";
import { useSecret } from "../data/secrets.js";
import { formatCount, formatPercent, formatUnits } from "../format/format.js";

type Row = UsageReport["rows"][number];

function Budget({ monthlyUnits, chargedThisMonthUnits, renewsAtMs, creditLeftUnits }: UsageReport["budget"]) {
  const renews = new Date(renewsAtMs).toISOString().slice(0, 10);
  return (
    <>
      {monthlyUnits !== null && (
        <Stat
          label="Units left this month"
          value={formatUnits(Math.max(0, monthlyUnits - chargedThisMonthUnits))}
          note={`of ${formatUnits(monthlyUnits)}; anew on ${renews}`}
        />
      )}
      {creditLeftUnits !== null && <Stat label="Credit left" value={formatUnits(creditLeftUnits)} note="work units that are paid for" />}
    </>
  );
}

function Used({ report: { key, budget, rows } }: { readonly report: UsageReport }) {
  const sum = (value: (row: Row) => number) => rows.reduce((total, row) => total + value(row), 0);
  const [requests, errors] = [sum((row) => row.requests), sum((row) => row.errors)];
  const of = (unit: string) => sum((row) => (row.workUnit === unit ? row.units : 0));
  return (
    <>
      <dl className="stats">
        <Stat label="Key" value={key.name} note={`begins with ${key.prefix}`} />
        <Stat label="Requests" value={formatCount(requests)} note="in 90 days" />
        <Stat label="Errors" value={formatCount(errors)} note={requests === 0 ? undefined : formatPercent(errors / requests)} />
        <Stat label="Tokens" value={formatUnits(of("tokens"))} note={`and ${formatUnits(sum((row) => row.promptTokens))} of prompts`} />
        <Stat label="Image steps" value={formatUnits(of("steps"))} />
        <Budget {...budget} />
        <Stat
          label="Limits"
          value={`${formatCount(key.requestsPerMinute)} a minute`}
          note={`${key.tokensPerMinute === null ? "any number of" : formatUnits(key.tokensPerMinute)} tokens a minute, ${formatCount(key.concurrentRequests)} requests at a time`}
        />
      </dl>
      <section className="panel">
        <h2>
          By day and model <span className="aside">days in UTC</span>
        </h2>
        {rows.length === 0 ? (
          <p className="quiet">Nothing was asked with this key yet.</p>
        ) : (
          <ScrollTable label="Usage by day and model">
            <thead>
              <tr>
                <th scope="col">Day</th>
                <th scope="col">Model</th>
                {["Requests", "Errors", "Prompt tokens", "Delivered"].map((name) => (
                  <th key={name} scope="col" className="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.day} ${row.taskId}`}>
                  <th scope="row">{row.day}</th>
                  <td>{row.taskId}</td>
                  <td className="number">{formatCount(row.requests)}</td>
                  <td className="number">{formatCount(row.errors)}</td>
                  <td className="number">{formatCount(row.promptTokens)}</td>
                  <td className="number">
                    {formatCount(row.units)} {row.workUnit ?? "units"}
                  </td>
                </tr>
              ))}
            </tbody>
          </ScrollTable>
        )}
      </section>
    </>
  );
}

/** What a key has used. */
export default function UsagePage() {
  const key = useSecret("key");
  const { data, isError, error } = useUsage(key);
  return (
    <>
      <h1>Usage</h1>
      <section className="panel">
        <SecretField secret="key" />
        {isError && <Failure error={error} missing="This validator is of an earlier version and counts no usage." />}
        <p className="quiet">
          You run this validator? <a href="#/operator">All keys, settings and changes</a>
        </p>
      </section>
      {data !== undefined && <Used report={data} />}
    </>
  );
}
