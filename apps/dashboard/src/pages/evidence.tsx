import { type MinerTaskReport, VISION } from "@vision/scoring";
import { Bar } from "../components/bar.js";
import { ScrollTable } from "../components/scroll-table.js";
import { formatFactor } from "../format/format.js";

const nats = (value: number) => `${value.toFixed(1)} nats`;

/** What the answers of a miner at a task say together of the engine behind them, with the formula and its numbers. */
export function Evidence({ task: { taskId, evidence, sampleCount, quality } }: { readonly task: MinerTaskReport }) {
  const { isDecided, decidedPeriod, nats: strongest, suspicion } = evidence;
  const { actNats, windowHours } = VISION.evidence;
  const oneOf = Number(Math.exp(actNats).toPrecision(1));
  const left = isDecided
    ? `nothing for ${windowHours} hours after the decision of period ${decidedPeriod}; then every sum starts at ${nats(actNats / 2)}`
    : decidedPeriod === null
      ? "all of it: nothing was ever decided"
      : `all of it: the decision of period ${decidedPeriod} has lapsed`;
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
          <td className="formula">
            ln P(its tokens and logprobs | a suspicion) − the largest ln P(them | an honest engine), at most 4.6 nats either way
          </td>
        </tr>
        <tr className="total">
          <th scope="row">Strongest sum</th>
          <td className="number">{nats(strongest)}</td>
          <td className="steps">
            <Bar fraction={strongest / actNats} tone={isDecided ? "bad" : strongest > actNats / 2 ? "warn" : "quiet"} />
          </td>
          <td className="formula">
            {`max(0, sum + weights of a period's answers), period by period (CUSUM), apart for each suspicion, for users' and synthetic requests, at temperature 0 and above; the strongest: ${suspicion ?? "none"}`}
          </td>
        </tr>
        <tr>
          <th scope="row">Decided at</th>
          <td className="number">{nats(actNats)}</td>
          <td />
          <td className="formula">{`the default, about ln(${oneOf.toLocaleString("en-US")}): one honest engine of so many is taken for another`}</td>
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
