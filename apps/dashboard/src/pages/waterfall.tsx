import type { EpochReport, MinerReport, MinerTaskReport } from "@vision/scoring";
import { Bar } from "../components/bar.js";
import { ScrollTable } from "../components/scroll-table.js";
import { formatFactor, formatPercent, formatUnits } from "../format/format.js";
import { weightPartOf } from "./weight-part.js";

type Step = {
  readonly operator: "" | "×" | "=" | "÷";
  readonly name: string;
  readonly value: string;
  readonly formula: string;
  /** What is left after it, as a share of what was declared or of the task. */
  readonly leftFraction: number;
  readonly isTotal?: boolean;
};

function stepsOf(task: MinerTaskReport, { epoch, miner }: { readonly epoch: EpochReport; readonly miner: MinerReport }): readonly Step[] {
  const declared = Math.max(task.declaredCapacityPerHour, 1e-9);
  const ofTask = epoch.tasks.find(({ taskId }) => taskId === task.taskId);
  const { taskWeight, paidFraction, part } = weightPartOf(task, { epoch, miner });
  const afterQuality = task.creditedCapacityPerHour * task.quality;
  return [
    {
      operator: "",
      name: "Declared capacity",
      value: `${formatUnits(task.declaredCapacityPerHour)}/h`,
      formula: "what the miner says that it can do",
      leftFraction: 1,
    },
    {
      ...{ operator: "=", name: "Credited capacity", value: `${formatUnits(task.creditedCapacityPerHour)}/h`, isTotal: true },
      formula: `min(declared ${formatUnits(task.meanDeclaredPerHour)} on average of the last day, proven ${formatUnits(task.provenCapacityPerHour)} × headroom ${formatFactor(task.headroomFactor)}) × claim ${formatFactor(task.claimFactor)}, less where little was served lately (${formatPercent(task.recentServedFraction, 0)})`,
      leftFraction: task.creditedCapacityPerHour / declared,
    },
    {
      ...{ operator: "×", name: "Quality", value: formatFactor(task.quality) },
      formula: `speed (mean ${formatFactor(task.meanSpeedFactor)}) and verdicts (mean ${formatFactor(task.meanVerdict)}, ${formatFactor(task.meanHourVerdict)} where every hour counts once; the lesser counts, to the mechanism's power) of ${task.sampleCount} checked answers, × confidence ${formatFactor(task.sampleConfidence)}; ${task.evidence.isDecided ? "nothing, because the evidence below is decided" : "all of it, as long as the evidence below decides nothing"}`,
      leftFraction: afterQuality / declared,
    },
    {
      ...{ operator: "×", name: "Average period score", value: formatFactor(task.averagePeriodScore) },
      formula: `${task.okCount} answered, ${task.rateLimitedCount} × 429, ${task.failedCount} failed over ${task.periods.length} periods, × newcomers' factor ${formatFactor(task.newcomerFactor)}`,
      leftFraction: task.effectiveVolume / declared,
    },
    {
      ...{ operator: "=", name: "Effective volume", value: `${formatUnits(task.effectiveVolume)}/h`, isTotal: true },
      formula: "credited × quality × average period score",
      leftFraction: task.effectiveVolume / declared,
    },
    {
      ...{ operator: "÷", name: "Share of the task", value: formatPercent(task.share, 2) },
      formula: `of ${formatUnits(ofTask?.totalEffectiveVolume ?? 0)}/h of all miners`,
      leftFraction: task.share,
    },
    {
      ...{ operator: "=", name: "Task score", value: formatPercent(task.taskScore, 2), isTotal: true },
      formula: "the share to the power of the mechanism's exponent, over the sum of all miners'",
      leftFraction: task.taskScore,
    },
    {
      ...{ operator: "×", name: "Share of the reward", value: formatPercent(taskWeight) },
      formula: "of this task among all tasks",
      leftFraction: task.taskScore * taskWeight,
    },
    {
      ...{ operator: "×", name: "Paid of it", value: formatPercent(paidFraction) },
      formula: "in proportion where less is served at the task than it takes to be paid in full; the rest goes to the other tasks",
      leftFraction: task.taskScore * taskWeight * paidFraction,
    },
    {
      ...{ operator: "=", name: "Part of the weight", value: formatPercent(part, 2), isTotal: true },
      formula: `task score × share of the reward × what of it is paid, scaled so that all miners' weights sum to 1; over all tasks ${formatPercent(miner.weight, 2)}`,
      leftFraction: part,
    },
  ];
}

/** From what a miner declares to what it earns at a task, every step with its number and where it comes from. */
export function Waterfall({
  task,
  epoch,
  miner,
}: {
  readonly task: MinerTaskReport;
  readonly epoch: EpochReport;
  readonly miner: MinerReport;
}) {
  return (
    <ScrollTable label={`How ${task.taskId} becomes weight`}>
      <thead>
        <tr>
          <th scope="col" colSpan={2}>
            Step
          </th>
          <th scope="col" className="number">
            Value
          </th>
          <th scope="col">What is left</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody className="waterfall">
        {stepsOf(task, { epoch, miner }).map((step) => (
          <tr key={step.name} className={step.isTotal === true ? "total" : undefined}>
            <td className="operator">{step.operator}</td>
            <th scope="row">{step.name}</th>
            <td className="number">{step.value}</td>
            <td className="steps">
              <Bar fraction={step.leftFraction} tone={step.leftFraction < 0.1 ? "bad" : step.isTotal === true ? "accent" : "quiet"} />
            </td>
            <td className="formula">{step.formula}</td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}
