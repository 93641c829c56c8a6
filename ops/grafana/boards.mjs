// The boards as code: `node ops/grafana/boards.mjs` writes the JSON files beside it, which Grafana provisions or imports.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own variable.
const datasource = { type: "prometheus", uid: "${datasource}" };

/** Zero while a program is scraped, for what rarely happens: quiet is a line, and an empty panel means that nobody looks. */
const orZero = (query, job = "vision-validator") => `${query} or on () (0 * max(up{job="${job}"} == 1))`;

/** A panel before it has a place. `queries` by legend; what rarely happens goes through {@link orZero}. */
const panel = (title, unit, queries, more = {}) => ({ title, unit, queries, type: "timeseries", ...more });
const stat = (title, unit, query, more = {}) => panel(title, unit, { [title]: query }, { type: "stat", width: 4, height: 4, ...more });

const validator = [
  stat("Weights late", "bool_yes_no", "vision_weights_late"),
  stat("Permit", "bool_yes_no", "vision_validator_permit"),
  stat("Stake", "none", "vision_stake_tao"),
  stat("Period", "none", "vision_current_period", { decimals: 0 }),
  stat("Miners", "none", "vision_miners_known"),
  stat("Free space", "bytes", "vision_disk_free_bytes"),
  panel("Dependencies", "bool_on_off", { "{{dependency}}": "vision_dependency_up" }),
  panel("Requests to miners", "reqps", {
    "{{source}} {{outcome}}": "sum by (source, outcome) (rate(vision_requests_total[$__rate_interval]))",
  }),
  panel("Probes not sent in time", "short", { "{{task}}": orZero("sum by (task) (increase(vision_probes_unsent_total[1h]))") }),
  panel("Checks", "ops", { "{{task}} {{verdict}}": "sum by (task, verdict) (rate(vision_checks_total[$__rate_interval]))" }),
  panel("Checks waiting and skipped", "short", {
    waiting: "vision_checks_pending",
    "skipped in an hour": orZero("sum(increase(vision_checks_skipped_total[1h]))"),
  }),
  panel("Time of a check", "s", {
    "{{task}} median": "histogram_quantile(0.5, sum by (le, task) (rate(vision_check_seconds_bucket[$__rate_interval])))",
    "{{task}} 95 %": "histogram_quantile(0.95, sum by (le, task) (rate(vision_check_seconds_bucket[$__rate_interval])))",
  }),
  panel("References", "bool_on_off", { "{{instance}} {{reference}}": "vision_reference_up" }),
  panel("Answers that references were asked about", "ops", {
    "{{reference}} {{outcome}}": "sum by (reference, outcome) (rate(vision_reference_requests_total[$__rate_interval]))",
  }),
  panel("Time of a reference", "s", {
    "{{reference}} median": "histogram_quantile(0.5, sum by (le, reference) (rate(vision_reference_seconds_bucket[$__rate_interval])))",
    "{{reference}} 95 %": "histogram_quantile(0.95, sum by (le, reference) (rate(vision_reference_seconds_bucket[$__rate_interval])))",
  }),
  panel("Answers that references disagree about", "short", {
    "{{reference}}": "sum by (reference) (increase(vision_reference_disagreements_total[1h]))",
  }),
  panel("Tasks of checkers on other machines", "short", { "{{instance}}": "vision_checker_tasks" }),
  panel("Miners of a task", "short", { "{{task}}": "vision_task_miners" }),
  panel("Weights of miners", "percentunit", { "{{hotkey}}": "topk(20, vision_scored_weight_ratio)" }),
  panel("Quality", "percentunit", {
    "{{task}} lowest": "min by (task) (vision_scored_quality_ratio)",
    "{{task}} mean": "avg by (task) (vision_scored_quality_ratio)",
  }),
  panel("Credited share of what is declared", "percentunit", { "{{task}} mean": "avg by (task) (vision_scored_credit_ratio)" }),
  panel("Standstills", "percentunit", {
    "{{thread}} {{cause}}": orZero("sum by (thread, cause) (rate(vision_standstill_seconds_total[$__rate_interval]))"),
  }),
  panel("Event loop", "s", {
    "lag 99 %": 'nodejs_eventloop_lag_p99_seconds{job="vision-validator"}',
    "lag mean": 'nodejs_eventloop_lag_mean_seconds{job="vision-validator"}',
  }),
  panel("Memory", "bytes", { resident: 'process_resident_memory_bytes{job="vision-validator"}' }),
  panel("CPU", "short", { cores: 'rate(process_cpu_seconds_total{job="vision-validator"}[$__rate_interval])' }),
  panel("Results not written yet", "short", { waiting: "vision_results_buffered" }),
];

const miner = [
  stat("Registered", "bool_yes_no", "vision_miner_registered"),
  stat("Incentive", "percentunit", "vision_miner_incentive_ratio", { decimals: 2 }),
  stat("Answered in an hour", "short", 'sum(increase(vision_miner_requests_total{outcome="ok"}[1h]))'),
  panel("Backends", "bool_on_off", { "{{task}}": "vision_miner_backend_up" }),
  panel("Requests", "reqps", { "{{task}} {{outcome}}": "sum by (task, outcome) (rate(vision_miner_requests_total[$__rate_interval]))" }),
  panel("Served of what is declared", "percentunit", {
    "{{task}}":
      "3600 * sum by (task) (rate(vision_miner_work_units_total[$__rate_interval])) / sum by (task) (vision_miner_declared_units_per_hour)",
  }),
  panel("Slots", "short", { "{{task}} busy": "vision_miner_in_flight", "{{task}} all": "vision_miner_slots" }),
  panel("Time of an answer", "s", {
    "{{task}} median": "histogram_quantile(0.5, sum by (le, task) (rate(vision_miner_request_seconds_bucket[$__rate_interval])))",
    "{{task}} 95 %": "histogram_quantile(0.95, sum by (le, task) (rate(vision_miner_request_seconds_bucket[$__rate_interval])))",
  }),
  panel("Failed and refused", "percentunit", {
    "{{task}} failed": orZero(
      'sum by (task) (rate(vision_miner_requests_total{outcome=~"failed|timedOut"}[$__rate_interval])) / sum by (task) (rate(vision_miner_requests_total[$__rate_interval]))',
      "vision-miner",
    ),
    "{{task}} 429": orZero(
      'sum by (task) (rate(vision_miner_requests_total{outcome="rateLimited"}[$__rate_interval])) / sum by (task) (rate(vision_miner_requests_total[$__rate_interval]))',
      "vision-miner",
    ),
  }),
  panel("Memory", "bytes", { resident: 'process_resident_memory_bytes{job="vision-miner"}' }),
];

const gateway = [
  panel("Requests", "reqps", { "{{route}} {{status}}": "sum by (route, status) (rate(vision_gateway_requests_total[$__rate_interval]))" }),
  panel("Failing", "percentunit", {
    "5xx": orZero(
      'sum(rate(vision_gateway_requests_total{status=~"5.."}[$__rate_interval])) / sum(rate(vision_gateway_requests_total[$__rate_interval]))',
    ),
    429: orZero(
      'sum(rate(vision_gateway_requests_total{status="429"}[$__rate_interval])) / sum(rate(vision_gateway_requests_total[$__rate_interval]))',
    ),
  }),
  panel("Time until answered in full", "s", {
    "{{route}} median": "histogram_quantile(0.5, sum by (le, route) (rate(vision_gateway_seconds_bucket[$__rate_interval])))",
    "{{route}} 95 %": "histogram_quantile(0.95, sum by (le, route) (rate(vision_gateway_seconds_bucket[$__rate_interval])))",
  }),
  panel("Time to the first token", "s", {
    "{{task}} {{source}} median":
      "histogram_quantile(0.5, sum by (le, task, source) (rate(vision_first_token_seconds_bucket[$__rate_interval])))",
  }),
  panel("Users' requests at miners", "reqps", {
    "{{task}} {{outcome}}": 'sum by (task, outcome) (rate(vision_requests_total{source="organic"}[$__rate_interval]))',
  }),
  panel("Second miners asked", "short", {
    "{{task}} {{outcome}}": orZero("sum by (task, outcome) (increase(vision_gateway_hedges_total[1h]))"),
  }),
  panel("Answers that broke off, and what came of them", "short", {
    "{{task}} {{outcome}}": orZero("sum by (task, outcome) (increase(vision_gateway_continuations_total[1h]))"),
  }),
  panel("Gateway threads started again", "short", {
    "{{thread}}": orZero("sum by (thread) (increase(vision_thread_restarts_total[1h]))"),
  }),
];

const chain = [
  stat("Registered", "bool_yes_no", "vision_registered"),
  stat("Permit", "bool_yes_no", "vision_validator_permit"),
  stat("Silence", "none", "vision_weights_silence_blocks"),
  stat("Newest block", "none", "vision_chain_block", { decimals: 0 }),
  stat("Our weights in block", "none", "vision_last_weights_block", { decimals: 0 }),
  panel("Blocks since our weights", "short", { blocks: "vision_weights_silence_blocks" }),
  panel("Age of the newest block", "s", { age: "vision_chain_head_age_seconds" }),
  panel("Weights set and failed", "short", {
    set: "increase(vision_weights_set_total[1h])",
    failed: "increase(vision_weights_failed_total[1h])",
  }),
  panel("Commits opened", "short", { "{{outcome}}": orZero("sum by (outcome) (increase(vision_weights_reveals_total[6h]))") }),
  panel("Stake", "none", { TAO: "vision_stake_tao" }),
  panel("Shares of the reward", "percentunit", { "{{task}}": "vision_task_weight_ratio" }),
];

/** Panels with places, in rows of 24 columns. */
function place(panels) {
  let [x, y, rowHeight] = [0, 0, 0];
  return panels.map(({ title, unit, queries, type, width = 12, height = 8, decimals }, index) => {
    if (x + width > 24) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const gridPos = { x, y, w: width, h: height };
    x += width;
    rowHeight = Math.max(rowHeight, height);
    const targets = Object.entries(queries).map(([legendFormat, expr], target) => ({
      refId: String.fromCharCode(65 + target),
      datasource,
      expr,
      legendFormat,
    }));
    const defaults = { unit, ...(decimals === undefined ? {} : { decimals }), ...(type === "timeseries" ? { min: 0 } : {}) };
    return { id: index + 1, type, title, datasource, gridPos, fieldConfig: { defaults, overrides: [] }, targets };
  });
}

function board(uid, title, panels) {
  return {
    uid,
    title,
    tags: ["vision"],
    schemaVersion: 39,
    timezone: "browser",
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: { list: [{ name: "datasource", type: "datasource", query: "prometheus", label: "Prometheus" }] },
    panels: place(panels),
  };
}

/** Boards by file name. */
export const boards = {
  "validator.json": board("vision-validator", "Vision: validator", validator),
  "miner.json": board("vision-miner", "Vision: miner", miner),
  "gateway.json": board("vision-gateway", "Vision: gateway", gateway),
  "chain.json": board("vision-chain", "Vision: chain", chain),
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, content] of Object.entries(boards)) {
    writeFileSync(new URL(name, import.meta.url), `${JSON.stringify(content, null, 2)}\n`);
  }
}
