import { useEffect, useState } from "react";
import { MinerName } from "../components/miner-name.js";
import { ScrollTable } from "../components/scroll-table.js";
import { Stat } from "../components/stat.js";
import { usePeriodReport } from "../data/queries.js";
import { linkTo } from "../data/routes.js";
import { formatCount, formatUnits } from "../format/format.js";
import type { RecomputeReply, RecomputeRequest } from "../recompute/recompute-messages.js";

type Done = Extract<RecomputeReply, { kind: "done" }>;

/** Recomputes in a thread of the browser's; each change of the question starts anew. */
function useRecompute(period: number | null, isTampered: boolean): RecomputeReply | null {
  const [reply, setReply] = useState<RecomputeReply | null>(null);
  useEffect(() => {
    setReply(null);
    if (period === null) return;
    const worker = new Worker(new URL("../recompute/recompute-worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<RecomputeReply>) => setReply(data);
    worker.onerror = () => setReply({ kind: "failed", message: "The browser could not run the scoring.", status: null });
    const base = new URL(`v1/periods/${period}`, document.baseURI).href;
    worker.postMessage({ observationsUrl: `${base}/observations`, scoresUrl: `${base}/scores`, isTampered } satisfies RecomputeRequest);
    return () => worker.terminate();
  }, [period, isTampered]);
  return reply;
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

function Result({ done }: { readonly done: Done }) {
  const { comparison, tampered } = done;
  const isEqual = comparison.differing === 0;
  return (
    <>
      {tampered !== null && <p className="notice">Changed before computing: {tampered}.</p>}
      {isEqual ? (
        <p className="notice ok" role="status">
          <strong>Equal to the bit.</strong> All {formatCount(comparison.compared)} values that the validator published for period{" "}
          {done.period} come out of the observations again.
        </p>
      ) : (
        <p className="notice bad" role="status">
          <strong>Not equal.</strong> {formatCount(comparison.differing)} of {formatCount(comparison.compared)} values differ from what the
          validator published; the first is <span className="mono break">{comparison.differences[0]?.path}</span>.
        </p>
      )}
      <dl className="stats">
        <Stat label="Period" value={done.period} note={`parameters ${done.preset}`} />
        <Stat
          label="Observations"
          value={`${formatUnits(done.observationBytes / 1_000)} KB`}
          note={`${done.seriesCount} series: ${done.periodCount} periods, ${done.sampleCount} checked answers`}
        />
        <Stat label="Values compared" value={formatCount(comparison.compared)} note={`${formatCount(comparison.differing)} differ`} />
        <Stat label="Computed in" value={`${done.computeMs.toFixed(0)} ms`} note="in this browser, by @vision/scoring" />
      </dl>
      {!isEqual && (
        <section className="panel">
          <h2>
            What differs
            {comparison.differing > comparison.differences.length && (
              <span className="aside">the first {comparison.differences.length}</span>
            )}
          </h2>
          <ScrollTable label="Values that differ">
            <thead>
              <tr>
                <th scope="col">Value</th>
                <th scope="col">Published</th>
                <th scope="col">Computed here</th>
              </tr>
            </thead>
            <tbody>
              {comparison.differences.map(({ path, published, computed }) => (
                <tr key={path}>
                  <th scope="row" className="mono">
                    {path}
                  </th>
                  <td className="mono">{show(published)}</td>
                  <td className="mono">{show(computed)}</td>
                </tr>
              ))}
            </tbody>
          </ScrollTable>
        </section>
      )}
      <section className="panel">
        <h2>Weights side by side</h2>
        <ScrollTable label="Weights side by side">
          <thead>
            <tr>
              <th scope="col">Miner</th>
              <th scope="col" className="number">
                Published
              </th>
              <th scope="col" className="number">
                Computed here
              </th>
              <th scope="col">Same</th>
            </tr>
          </thead>
          <tbody>
            {[...done.weights]
              .sort((a, b) => b.published - a.published)
              .map(({ hotkey, published, computed }) => (
                <tr key={hotkey}>
                  <th scope="row">
                    <MinerName hotkey={hotkey} />
                  </th>
                  <td className="number mono">{published}</td>
                  <td className="number mono">{computed}</td>
                  <td>{Object.is(published, computed) ? "✓ same" : "✗ differs"}</td>
                </tr>
              ))}
          </tbody>
        </ScrollTable>
      </section>
    </>
  );
}

/** Runs the scoring on a period's observations here, and holds it against what the validator published. */
export default function RecomputePage({ period }: { readonly period: number | "latest" }) {
  const [isTampered, setTampered] = useState(false);
  const report = usePeriodReport("latest");
  // Stays with the period that it began with; a newer one is a link away.
  const [first, setFirst] = useState<number | null>(null);
  const newest = report.data?.period ?? null;
  if (first === null && newest !== null) setFirst(newest);
  const chosen = period === "latest" ? first : period;
  const reply = useRecompute(chosen, isTampered);
  return (
    <>
      <h1>
        Recompute <span className="aside">do not believe the validator</span>
      </h1>
      <p>
        A score is a function of what was observed. This page downloads the observations of a period, runs the open scoring on them in your
        browser, and compares every number with what the validator published.
      </p>
      <p className="row">
        <button type="button" className={isTampered ? "primary" : ""} aria-pressed={isTampered} onClick={() => setTampered(!isTampered)}>
          {isTampered ? "Compute with the true observations" : "Change one observation first"}
        </button>
        {newest !== null && newest !== chosen && (
          <a
            href={linkTo("recompute", newest)}
            onClick={() => {
              setFirst(newest);
            }}
          >
            Period {newest} has been scored meanwhile
          </a>
        )}
      </p>
      {chosen === null && report.isError && <p className="quiet">No period has been scored yet.</p>}
      {(reply === null || reply.kind === "step") && chosen !== null && (
        <p className="quiet" role="status">
          {reply?.text ?? "Starting…"}
        </p>
      )}
      {reply?.kind === "failed" &&
        (reply.status === 404 ? (
          <p className="quiet">The observations of period {chosen} are not kept any more. Those of the newest periods are.</p>
        ) : (
          <p className="notice bad" role="alert">
            {reply.message}
          </p>
        ))}
      {reply?.kind === "done" && <Result done={reply} />}
    </>
  );
}
