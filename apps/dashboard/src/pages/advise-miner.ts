import type { MinerTaskReport } from "@vision/scoring";
import { formatCount, formatPercent, formatUnits } from "../format/format.js";

const NOTICEABLE = 0.02;

/** What a miner can do to earn more at a task, the largest loss first; empty where nothing is lost. Loss: share of the volume. */
export function adviseMiner(task: MinerTaskReport): readonly string[] {
  const advice: { readonly loss: number; readonly text: string }[] = [];
  const add = (loss: number, text: string) => void (loss > NOTICEABLE && advice.push({ loss, text }));
  const { declaredCapacityPerHour: declared, requests, failedCount, rateLimitedCount } = task;
  if (declared <= 0) return ["Declare a capacity for this task: nothing is credited without one."];
  const lower = task.provenCapacityPerHour > 0 ? `Declare about ${formatUnits(task.provenCapacityPerHour)} an hour` : "Declare less";
  if (requests === 0) return ["No request has counted yet. Probes come in the next period; be reachable and answer them."];

  if (task.evidence.isDecided)
    add(
      1,
      `Taken together, the checked answers are not those of an honest engine (${task.evidence.suspicion}, decided in period ${task.evidence.decidedPeriod}): nothing is earned until that has lapsed. Serve exactly the model, precision and sampler that the task names.`,
    );
  if (task.sampleCount > 0) {
    const right = Math.min(task.meanVerdict, task.meanHourVerdict);
    add(
      1 - right,
      `Checked answers were ${formatPercent(right)} right${right < task.meanVerdict ? ", every hour counting once" : ""}. Serve exactly the model that the task names, with its sampler and without cutting answers short.`,
    );
    add(1 - task.sampleConfidence, `Few answers have been checked so far: ${task.sampleCount}. This goes away by itself as more are.`);
    add(
      1 - task.meanSpeedFactor,
      `Answers come at ${formatPercent(task.meanSpeedFactor, 0)} of the task's target speed. Faster answers count for more, also above the target.`,
    );
  } else add(1, "No answer has been checked yet, so there is no quality. This goes away by itself.");
  add(
    failedCount / requests,
    `${formatCount(failedCount)} of ${formatCount(requests)} requests failed. A failure costs more than a 429: refuse what does not fit.`,
  );
  add(
    rateLimitedCount / requests,
    `${formatCount(rateLimitedCount)} of ${formatCount(requests)} requests were answered 429 although they were within the declared capacity. ${lower}, or add room.`,
  );
  add(1 - task.newcomerFactor, `The record is ${task.dataHours.toFixed(1)} hours long; the newcomers' discount goes away with time.`);
  const proven = Math.min(1, (task.provenCapacityPerHour * task.headroomFactor) / declared);
  add(
    1 - proven,
    `Completed work has proven ${formatUnits(task.provenCapacityPerHour)} of the ${formatUnits(declared)} declared an hour. Answer everything that is asked for and the proof grows.`,
  );
  add(1 - task.claimFactor, "More was declared than the misses allow to believe. Declare what you can serve at all times.");
  if (task.recentServedFraction < 0.5)
    add(1, `Only ${formatPercent(task.recentServedFraction)} of the latest volume was served: is the miner still up?`);
  return advice.sort((a, b) => b.loss - a.loss).map(({ text }) => text);
}
