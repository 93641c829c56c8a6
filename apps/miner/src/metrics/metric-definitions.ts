import type { MetricDefinition } from "@vision/program";

/** Whole answers may take minutes. */
const seconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600];

/** Every metric of the miner, by its key in the code. The reference page is made from this. */
export const metricDefinitions = {
  requestsTotal: {
    kind: "counter",
    name: "vision_miner_requests_total",
    help: "Requests of validators that ended, by outcome: ok, rateLimited (answered 429), failed, cancelled by the validator, timedOut.",
    labels: ["task", "outcome"],
  },
  requestSeconds: {
    kind: "histogram",
    name: "vision_miner_request_seconds",
    help: "Time that answers took which were given in full.",
    labels: ["task"],
    buckets: seconds,
  },
  workUnitsTotal: {
    kind: "counter",
    name: "vision_miner_work_units_total",
    help: "Work units of complete answers: tokens, image steps, embedded items.",
    labels: ["task"],
  },
  inFlight: { kind: "gauge", name: "vision_miner_in_flight", help: "Requests being answered.", labels: ["task"] },
  slots: { kind: "gauge", name: "vision_miner_slots", help: "Requests that are answered at a time at most.", labels: ["task"] },
  declaredUnitsPerHour: {
    kind: "gauge",
    name: "vision_miner_declared_units_per_hour",
    help: "Capacity of a task in the settings, work units per hour over all validators.",
    labels: ["task"],
  },
  backendUp: {
    kind: "gauge",
    name: "vision_miner_backend_up",
    help: "1 while a task's backend can be used, 0 while its health checks fail and the task is declared with no capacity.",
    labels: ["task"],
  },
  memberUp: {
    kind: "gauge",
    name: "vision_miner_member_up",
    help: "1 while one of a pooled backend's members can be used, 0 while its health checks fail and for a while after it failed or hung.",
    labels: ["backend", "member"],
  },
  memberInFlight: {
    kind: "gauge",
    name: "vision_miner_member_in_flight",
    help: "Requests being answered by one of a pooled backend's members.",
    labels: ["backend", "member"],
  },
  memberRequestsTotal: {
    kind: "counter",
    name: "vision_miner_member_requests_total",
    help: "Requests to one of a pooled backend's members that ended, by outcome: answered, busy, failed, slow (nothing to read in time), cancelled.",
    labels: ["backend", "member", "outcome"],
  },
  registered: {
    kind: "gauge",
    name: "vision_miner_registered",
    help: "1 while the hotkey is registered on the subnet; absent before the chain was read, and without one.",
    labels: [],
  },
  incentiveRatio: {
    kind: "gauge",
    name: "vision_miner_incentive_ratio",
    help: "Share of the miners' reward that the last epoch gave this miner, 0 to 1; absent while it is not registered.",
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;
