export {
  accumulateEvidence,
  type EvidenceParams,
  type EvidenceReport,
  noEvidence,
  PROBATION_FRACTION,
} from "./evidence/accumulate-evidence.js";
export { type AnswerEvidence, BIN_EDGES, countBins, honestNoiseNats } from "./evidence/answer-evidence.js";
export { MOST_WEIGHT, type Suspicion, suspicions, type Weights, weighAnswer } from "./evidence/weigh-answer.js";
export { explainMiner } from "./explain-miner.js";
export { MAX_UNITS, safeUnits } from "./numbers.js";
export type {
  AnswerSample,
  AnswerTiming,
  Blame,
  EpochObservations,
  MinerTaskSeries,
  Observation,
  Outcome,
  PeriodTally,
  SpeedTarget,
  TallyCounts,
} from "./observation.js";
export type {
  AverageParams,
  CapacityParams,
  PeriodScoreParams,
  QualityParams,
  ScoringParams,
  SpeedParams,
  VisionParams,
} from "./params.js";
export { NINETEEN_2025 } from "./reference-presets/nineteen-2025.js";
export type { ReferenceParams } from "./reference-presets/reference-params.js";
export { VISION_2024 } from "./reference-presets/vision-2024.js";
export type { AnswerFault, EpochReport, MinerReport, MinerTaskReport, ScoringProblem, TaskReport } from "./report.js";
export { scoreEpoch } from "./score-epoch.js";
export { periodScore } from "./stages/period-score.js";
export { speedFactor } from "./stages/speed-factor.js";
export { paidTaskFraction } from "./stages/task-pay.js";
export { taskShares } from "./stages/task-shares.js";
export { toWeightFractions } from "./stages/to-weights.js";
export { addToTally, emptyTally, isCounted } from "./tally.js";
export { tallyPeriod } from "./tally-period.js";
export { judgeEmbeddings } from "./verdict/judge-embeddings.js";
export { judgeImage, type Pixels } from "./verdict/judge-image.js";
export { judgeText, type TextEvidence } from "./verdict/judge-text.js";
export { type JudgedVerdict, judgedWorthless, type Verdict } from "./verdict/verdict.js";
export { VISION } from "./vision.js";
export { type VisionOverrides, visionParams } from "./vision-params.js";
