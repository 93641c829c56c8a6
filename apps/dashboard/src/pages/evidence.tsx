import type { EvidenceParams, MinerTaskReport } from "@vision/scoring";
import { Bar } from "../components/bar.js";
import { ScrollTable } from "../components/scroll-table.js";
import { formatFactor } from "../format/format.js";
import { explainEvidence, formatNats } from "./explain-evidence.js";

/** What the answers of a miner at a task say together of the engine behind them, with the formula and its numbers. */
export function Evidence({ task, params }: { readonly task: MinerTaskReport; readonly params: EvidenceParams | undefined }) {
  const { taskId, sampleCount, quality } = task;
  const { isDecided, nats: strongest, suspicion } = task.evidence;
  const { actNats, restartNats, weight, decision, left } = explainEvidence(task, params);
  return (
    <ScrollTable label={`Evidence about ${taskId}`}>
      <thead>
        <tr>
          <th scope="col">Evidence</th>
          <th scope="col" className="number">
            Value
          </th>
          <th scope="col">Of a decision</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody className="waterfall">
        <tr>
          <th scope="row">Weight of each answer</th>
          <td className="number">{`${sampleCount} checked`}</td>
          <td />
          <td className="formula">{weight}</td>
        </tr>
        <tr className="total">
          <th scope="row">Strongest sum</th>
          <td className="number">{formatNats(strongest)}</td>
          <td className="steps">
            <Bar fraction={strongest / actNats} tone={isDecided ? "bad" : strongest > restartNats ? "warn" : "quiet"} />
          </td>
          <td className="formula">
            {`max(0, sum + weights of a period's answers), period by period (CUSUM), apart for each suspicion, for users' and synthetic requests, at temperature 0 and above; the strongest: ${suspicion ?? "none"}`}
          </td>
        </tr>
        <tr>
          <th scope="row">Decided at</th>
          <td className="number">{formatNats(actNats)}</td>
          <td />
          <td className="formula">{decision}</td>
        </tr>
        <tr className="total">
          <th scope="row">It leaves of the quality</th>
          <td className="number">{isDecided ? "0" : formatFactor(quality)}</td>
          <td />
          <td className="formula">{left}</td>
        </tr>
      </tbody>
    </ScrollTable>
  );
}
