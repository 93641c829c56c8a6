import type { RequestReport, RequestVerdict } from "@vision/protocol";
import { MinerName } from "../components/miner-name.js";
import { useRequest } from "../data/queries.js";
import { formatLatency, formatPercent } from "../format/format.js";

const outcomes = { ok: "answered", rateLimited: "was full (429)", failed: "failed", excused: "was stopped" } as const satisfies Record<
  RequestReport["tries"][number]["outcome"],
  string
>;

function Verdict({ verdict }: { readonly verdict: RequestVerdict }) {
  switch (verdict.state) {
    case "open":
      return <span className="quiet">verdict: when the report of this period is out</span>;
    case "unchecked":
      return <span className="quiet">not checked: a sample of the answers is</span>;
    case "judged":
      return (
        <span>
          <span className={verdict.reasons.length === 0 ? "chip" : "chip bad"}>
            checked: {formatPercent(verdict.qualityFraction, 0)} right
          </span>
          {verdict.reasons.join("; ")}
        </span>
      );
  }
}

/** Which miners were asked for an answer, and what came of checking it. */
export function RequestFacts({ id, apiKey }: { readonly id: string; readonly apiKey: string }) {
  const { data } = useRequest(id, apiKey);
  if (data === undefined) return null;
  return (
    <ol className="advice" aria-label="Miners that were asked">
      {data.tries.map(({ hotkey, outcome, durationMs, verdict }, index) => (
        <li key={index}>
          <MinerName hotkey={hotkey} /> {outcomes[outcome]} after {formatLatency(Math.round(durationMs))}
          {outcome === "ok" && (
            <>
              {" · "}
              <Verdict verdict={verdict} />
            </>
          )}
        </li>
      ))}
    </ol>
  );
}
