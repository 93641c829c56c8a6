import type { ValidatorMetrics } from "../../ports/index.js";

/** Name, meaning and labels of one metric. */
export type MetricDefinition = {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in the metric's unit. */
  readonly buckets?: readonly number[];
};

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Every metric of the validator, by its key in the code. The reference page is made from this. */
export const metricDefinitions = {
  requestsTotal: {
    name: "vision_requests_total",
    help: "Requests to miners that ended, by outcome.",
    labels: ["task", "source", "outcome"],
  },
  firstTokenSeconds: {
    name: "vision_first_token_seconds",
    help: "Time to the first token of answers, or to the whole answer where it is not streamed.",
    labels: ["task", "source"],
    buckets: seconds,
  },
  probesUnsentTotal: {
    name: "vision_probes_unsent_total",
    help: "Synthetic requests that a period's plan held and that were not sent in it, for want of slots, time or free capacity.",
    labels: ["task"],
  },
  checksTotal: { name: "vision_checks_total", help: "Answers checked against the reference, by verdict.", labels: ["task", "verdict"] },
  checksPending: { name: "vision_checks_pending", help: "Answers that wait to be checked.", labels: [] },
  checksSkippedTotal: {
    name: "vision_checks_skipped_total",
    help: "Answers that were chosen to be checked and were not kept, because too many of the task or of the miner wait already.",
    labels: ["task"],
  },
  checkSeconds: { name: "vision_check_seconds", help: "Time that a check takes.", labels: ["task"], buckets: seconds },
  dependencyUp: {
    name: "vision_dependency_up",
    help: "1 while a dependency (chain, store, reference, network) can be used, 0 while what needs it is paused.",
    labels: ["dependency"],
  },
  resultsBuffered: { name: "vision_results_buffered", help: "Results that wait to be written to the store.", labels: [] },
  weightsSetTotal: { name: "vision_weights_set_total", help: "Times that the chain took our weights.", labels: [] },
  weightsFailedTotal: { name: "vision_weights_failed_total", help: "Times that setting weights failed.", labels: [] },
  lastWeightsBlock: { name: "vision_last_weights_block", help: "Block in which our weights were last included.", labels: [] },
  currentPeriod: { name: "vision_current_period", help: "Number of the scoring period that is open.", labels: [] },
  minersKnown: { name: "vision_miners_known", help: "Miners of the subnet that publish an endpoint.", labels: [] },
  taskUnchecked: {
    name: "vision_task_unchecked",
    help: "1 for an enabled task whose answers no reference can check, so that it pays nobody.",
    labels: ["task"],
  },
  taskWeightFraction: { name: "vision_task_weight_fraction", help: "Share of the reward of a task, 0 to 1.", labels: ["task"] },
  weightsSilenceBlocks: {
    name: "vision_weights_silence_blocks",
    help: "Blocks since the chain last took weights of ours, computed by the clock when read: it grows while no block comes. Far above the subnet's tempo something is wrong.",
    labels: [],
  },
  weightsLate: {
    name: "vision_weights_late",
    help: "1 while the chain took no weights of ours for more than two tempos, though this validator has a permit and set weights before.",
    labels: [],
  },
  weightsRevealsTotal: {
    name: "vision_weights_reveals_total",
    help: "Timelocked commits by what became of them: revealed; lost where the chain holds other weights ten blocks after the reveal's block; unknown where nobody looked before the next one was opened.",
    labels: ["outcome"],
  },
  gatewayRequestsTotal: {
    name: "vision_gateway_requests_total",
    help: "Requests to the API, by route and status.",
    labels: ["route", "status"],
  },
  gatewaySeconds: {
    name: "vision_gateway_seconds",
    help: "Time until an API request was answered in full.",
    labels: ["route", "status"],
    buckets: seconds,
  },
  gatewayHedgesTotal: {
    name: "vision_gateway_hedges_total",
    help: "Users' requests that a second miner was asked for because the first token was late, by task and by whether the second one's answer was taken.",
    labels: ["task", "outcome"],
  },
  standstillSecondsTotal: {
    name: "vision_standstill_seconds_total",
    help: "Time for which a thread (core, gateway, prober) did nothing else, in standstills of more than a second, by cause: a miner's answers, what a sender sent, or something of the validator's own.",
    labels: ["thread", "cause"],
  },
  threadRestartsTotal: {
    name: "vision_thread_restarts_total",
    help: "Times that a thread (gateway, prober) ended by a fault and was started again.",
    labels: ["thread"],
  },
} as const satisfies Record<keyof ValidatorMetrics, MetricDefinition>;
