import Table from "cli-table3";
import type { ChainReport, LocalPeriod } from "./report-schema.js";

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const fixed = (value: number, digits: number) => value.toFixed(digits);
const orDash = (value: number | null, digits: number) => (value === null ? "-" : fixed(value, digits));

/** Narrow enough for a terminal of 110 columns. */
const style = { head: [], border: [], compact: true, "padding-left": 1, "padding-right": 0 };
const borders = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

function headLine(period: LocalPeriod): string {
  const seconds = Math.round((period.endsAtMs - period.startsAtMs) / 1000);
  const weights = period.weightsSetAtBlock === null ? "weights not set yet" : `weights set at block ${period.weightsSetAtBlock}`;
  return `Period ${period.period} (${seconds} s), ${weights}`;
}

/** One line per miner and task of a finished period, as text for a terminal. */
export function renderPeriod(period: LocalPeriod): string {
  const table = new Table({
    chars: borders,
    style,
    head: ["miner", "task", "declared/h", "credited/h", "tried", "ok/429/fail", "period", "quality", "speed", "task score", "weight"],
    colAligns: ["left", "left", ...Array<"right">(9).fill("right")],
  });
  for (const miner of period.miners) {
    miner.tasks.forEach((task, index) => {
      table.push([
        index === 0 ? miner.profile : "",
        task.taskId,
        compact.format(task.declaredCapacityPerHour),
        compact.format(task.creditedCapacityPerHour),
        `${fixed(task.triedFraction * 100, 0)} %`,
        `${task.okCount}/${task.rateLimitedCount}/${task.failedCount}`,
        orDash(task.periodScore, 2),
        fixed(task.quality, 2),
        fixed(task.meanSpeedFactor, 2),
        fixed(task.taskScore, 3),
        index === 0 ? fixed(miner.weight, 3) : "",
      ]);
    });
  }
  return `${headLine(period)}\n${table.toString()}`;
}

/** What the chain paid at the last epoch, best first. */
export function renderChain(chain: ChainReport): string {
  const table = new Table({
    chars: borders,
    style,
    head: ["neuron", "uid", "weight (u16)", "incentive", "dividends", "emission (alpha)"],
    colAligns: ["left", ...Array<"right">(5).fill("right")],
  });
  const weights = new Map(chain.weights.map((weight) => [weight.uid, weight.weightU16]));
  for (const neuron of [...chain.neurons].sort((a, b) => b.incentiveFraction - a.incentiveFraction || a.uid - b.uid)) {
    table.push([
      neuron.profile,
      neuron.uid,
      weights.get(neuron.uid) ?? "-",
      fixed(neuron.incentiveFraction, 3),
      fixed(neuron.dividendsFraction, 3),
      fixed(Number(neuron.emissionRao) / 1e9, 3),
    ]);
  }
  return `Chain at block ${chain.blockNumber}\n${table.toString()}`;
}
