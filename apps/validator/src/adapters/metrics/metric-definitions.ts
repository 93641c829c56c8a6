import type { MetricDefinition } from "@vision/program";
import type { ValidatorMetrics } from "../../ports/index.js";

/** Close to each other where tasks have their targets, and ending at each of them: so many answers came in time, to the answer. */
const firstTokenBuckets = [
  ...[0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.45, 0.5],
  ...[0.6, 0.7, 0.85, 1, 1.5, 2.5, 5, 10, 20, 40, 60, 120],
];

/** Whole answers may take minutes. */
const answerBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600];

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Every metric of the validator, by its key in the code. The reference page is made from this. */
export const metricDefinitions = {
  requestsTotal: {
    kind: "counter",
    name: "vision_requests_total",
    help: "Requests to miners that ended, by outcome.",
    labels: ["task", "source", "outcome"],
  },
  firstTokenSeconds: {
    kind: "histogram",
    name: "vision_first_token_seconds",
    help: "Time to the first token of answers, or to the whole answer where it is not streamed.",
    labels: ["task", "source"],
    buckets: firstTokenBuckets,
  },
  probesUnsentTotal: {
    kind: "counter",
    name: "vision_probes_unsent_total",
    help: "Synthetic requests that a period's plan held and that were not sent in it, for want of slots, time or free capacity.",
    labels: ["task"],
  },
  checksTotal: {
    kind: "counter",
    name: "vision_checks_total",
    help: "Answers checked against the reference, by verdict.",
    labels: ["task", "verdict"],
  },
  checksPending: { kind: "gauge", name: "vision_checks_pending", help: "Answers that wait to be checked.", labels: [] },
  checksSkippedTotal: {
    kind: "counter",
    name: "vision_checks_skipped_total",
    help: "Answers that were chosen to be checked and were not kept, because too many of the task or of the miner wait already.",
    labels: ["task"],
  },
  checkSeconds: { kind: "histogram", name: "vision_check_seconds", help: "Time that a check takes.", labels: ["task"], buckets: seconds },
  referenceRequestsTotal: {
    kind: "counter",
    name: "vision_reference_requests_total",
    help: "Answers that a reference of the settings was asked about, known ones among them, by outcome: judged, inconclusive, or failed where the reference did.",
    labels: ["reference", "outcome"],
  },
  referenceSeconds: {
    kind: "histogram",
    name: "vision_reference_seconds",
    help: "Time that a reference takes for an answer.",
    labels: ["reference"],
    buckets: seconds,
  },
  referenceUp: {
    kind: "gauge",
    name: "vision_reference_up",
    help: "1 while a reference is asked; 0 after it failed, and while it is taken out because it judges known answers wrong or disagrees with others.",
    labels: ["reference"],
  },
  referenceDisagreementsTotal: {
    kind: "counter",
    name: "vision_reference_disagreements_total",
    help: "Answers that another reference of the task judged otherwise.",
    labels: ["reference"],
  },
  dependencyUp: {
    kind: "gauge",
    name: "vision_dependency_up",
    help: "1 while a dependency (chain, store, reference, network, and redis where one is set; at gateways of their own also core, the validator) can be used, 0 while what needs it is paused.",
    labels: ["dependency"],
  },
  ledgerProcesses: {
    kind: "gauge",
    name: "vision_ledger_processes",
    help: "Processes of this validator that share miners' capacities through Redis, this one included, as last heard; 0 where there is no Redis, or it was not reached yet.",
    labels: [],
  },
  resultsBuffered: { kind: "gauge", name: "vision_results_buffered", help: "Results that wait to be written to the store.", labels: [] },
  weightsSetTotal: { kind: "counter", name: "vision_weights_set_total", help: "Times that the chain took our weights.", labels: [] },
  weightsFailedTotal: { kind: "counter", name: "vision_weights_failed_total", help: "Times that setting weights failed.", labels: [] },
  lastWeightsBlock: {
    kind: "gauge",
    name: "vision_last_weights_block",
    help: "Block in which our weights were last included.",
    labels: [],
  },
  currentPeriod: { kind: "gauge", name: "vision_current_period", help: "Number of the scoring period that is open.", labels: [] },
  minersKnown: { kind: "gauge", name: "vision_miners_known", help: "Miners of the subnet that publish an endpoint.", labels: [] },
  taskMiners: {
    kind: "gauge",
    name: "vision_task_miners",
    help: "Miners that serve a task in the running period: they declared a capacity for it.",
    labels: ["task"],
  },
  scoredQualityRatio: {
    kind: "gauge",
    name: "vision_scored_quality_ratio",
    help: "Quality of a miner at a task in the newest report, 0 to 1.",
    labels: ["hotkey", "task"],
  },
  scoredCreditRatio: {
    kind: "gauge",
    name: "vision_scored_credit_ratio",
    help: "Credited capacity of a miner at a task as a share of what it declares, in the newest report, 0 to 1.",
    labels: ["hotkey", "task"],
  },
  scoredWeightRatio: {
    kind: "gauge",
    name: "vision_scored_weight_ratio",
    help: "Weight of a miner among all in the newest report, 0 to 1.",
    labels: ["hotkey"],
  },
  registered: {
    kind: "gauge",
    name: "vision_registered",
    help: "1 while the hotkey is registered on the subnet; absent before the chain was read.",
    labels: [],
  },
  validatorPermit: {
    kind: "gauge",
    name: "vision_validator_permit",
    help: "1 while the hotkey has the subnet's validator permit, without which weights are refused; absent before the chain was read.",
    labels: [],
  },
  stakeTao: {
    kind: "gauge",
    name: "vision_stake_tao",
    help: "The hotkey's stake as consensus counts it, TAO; absent before the chain was read.",
    labels: [],
  },
  chainBlock: { kind: "gauge", name: "vision_chain_block", help: "Newest block that was heard of; absent before the first.", labels: [] },
  chainHeadAgeSeconds: {
    kind: "gauge",
    name: "vision_chain_head_age_seconds",
    help: "Time since the newest block was heard of, by the clock; absent before the first.",
    labels: [],
  },
  diskFreeBytes: {
    kind: "gauge",
    name: "vision_disk_free_bytes",
    help: "Free space on the disk of the data folder, where the embedded database is.",
    labels: [],
  },
  taskUnchecked: {
    kind: "gauge",
    name: "vision_task_unchecked",
    help: "1 for an enabled task whose answers no reference can check, so that it pays nobody.",
    labels: ["task"],
  },
  taskWeightRatio: { kind: "gauge", name: "vision_task_weight_ratio", help: "Share of the reward of a task, 0 to 1.", labels: ["task"] },
  weightsSilenceBlocks: {
    kind: "gauge",
    name: "vision_weights_silence_blocks",
    help: "Blocks since the chain last took weights of ours, computed by the clock when read: it grows while no block comes. Far above the subnet's tempo something is wrong.",
    labels: [],
  },
  weightsLate: {
    kind: "gauge",
    name: "vision_weights_late",
    help: "1 while the chain took no weights of ours for more than two tempos, though this validator has a permit and set weights before.",
    labels: [],
  },
  weightsRevealsTotal: {
    kind: "counter",
    name: "vision_weights_reveals_total",
    help: "Timelocked commits by what became of them: revealed; lost where the chain holds other weights ten blocks after the reveal's block; unknown where nobody looked before the next one was opened.",
    labels: ["outcome"],
  },
  gatewayRequestsTotal: {
    kind: "counter",
    name: "vision_gateway_requests_total",
    help: "Requests to the API, by route and status.",
    labels: ["route", "status"],
  },
  gatewaySeconds: {
    kind: "histogram",
    name: "vision_gateway_seconds",
    help: "Time until an API request was answered in full.",
    labels: ["route", "status"],
    buckets: answerBuckets,
  },
  gatewayHedgesTotal: {
    kind: "counter",
    name: "vision_gateway_hedges_total",
    help: "Users' requests that a second miner was asked for because the first token was late, by task and by whether the second one's answer was taken.",
    labels: ["task", "outcome"],
  },
  gatewayConnectionsRefusedTotal: {
    kind: "counter",
    name: "vision_gateway_connections_refused_total",
    help: "Connections to the API that were closed before a request was read: all places are taken (all_taken), those of one address are (address), no HTTP (invalid_http), a head that is too large (headers_too_large) or did not come in time (request_timeout). What was read and refused is in vision_gateway_requests_total, by status.",
    labels: ["reason"],
  },
  gatewayContinuationsTotal: {
    kind: "counter",
    name: "vision_gateway_continuations_total",
    help: "Times that another miner was asked to go on with a user's answer that broke off half-way, by task and by what came of it: the answer's end (`answered`), another break (`broken`), or nothing (`unanswered`).",
    labels: ["task", "outcome"],
  },
  standstillSecondsTotal: {
    kind: "counter",
    name: "vision_standstill_seconds_total",
    help: "Time for which a thread (core, gateway, prober) did not run when it should have, by more than a second at once or two in ten, by cause: a miner's answers, what a sender sent, or something of the validator's own.",
    labels: ["thread", "cause"],
  },
  threadRestartsTotal: {
    kind: "counter",
    name: "vision_thread_restarts_total",
    help: "Times that a thread (gateway, prober) ended by a fault and was started again.",
    labels: ["thread"],
  },
} as const satisfies Readonly<Record<keyof ValidatorMetrics, MetricDefinition>>;

const { checksTotal, checkSeconds, checksSkippedTotal, dependencyUp } = metricDefinitions;
const { requestsTotal, firstTokenSeconds, resultsBuffered, ledgerProcesses, standstillSecondsTotal, threadRestartsTotal } =
  metricDefinitions;
const { gatewayRequestsTotal, gatewaySeconds, gatewayHedgesTotal, gatewayContinuationsTotal, gatewayConnectionsRefusedTotal } =
  metricDefinitions;
const { referenceRequestsTotal, referenceSeconds, referenceUp, referenceDisagreementsTotal } = metricDefinitions;

/** Every metric of `vision-validator checker`. */
export const checkerMetricDefinitions = {
  checkerTasks: {
    kind: "gauge",
    name: "vision_checker_tasks",
    help: "Tasks whose answers this process checks; 0 while it leaves all to others: no validator has used the database, or it is of another version or has other tasks.",
    labels: [],
  },
  ...{ checksTotal, checkSeconds, dependencyUp },
  ...{ referenceRequestsTotal, referenceSeconds, referenceUp, referenceDisagreementsTotal },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

/** Every metric of `vision-validator gateway`. */
export const gatewayMetricDefinitions = {
  gatewayCoreAgeSeconds: {
    kind: "gauge",
    name: "vision_gateway_core_age_seconds",
    help: "How long ago the validator told this gateway of miners and tasks, as it does every second; -1 where it never did. Users are refused above 180.",
    labels: [],
  },
  ...{ requestsTotal, firstTokenSeconds, checksSkippedTotal, resultsBuffered, ledgerProcesses, dependencyUp },
  ...{ gatewayRequestsTotal, gatewaySeconds, gatewayHedgesTotal, gatewayContinuationsTotal, gatewayConnectionsRefusedTotal },
  ...{ standstillSecondsTotal, threadRestartsTotal },
} as const satisfies Readonly<Record<string, MetricDefinition>>;
