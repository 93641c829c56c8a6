import {
  MINER_BURST_HOURS,
  PROTOCOL_VERSION,
  RECEIPT_HEADER,
  RECEIPT_WANTED,
  type StatusResponse,
  type TaskFamily,
} from "@vision/protocol";
import { nameRequest, sha256Hex, signReceipt } from "@vision/signing";
import type { InferenceBackend } from "../backends/inference-backend.js";
import { systemClock } from "../runtime/clock.js";
import { stderrLogger } from "../runtime/logger.js";
import { systemRandomBytes } from "../runtime/random-bytes.js";
import { createAdmission } from "./admission.js";
import { answerInference } from "./answer-inference.js";
import { createAuthenticator } from "./authenticator.js";
import { createBackendFailures } from "./backend-failures.js";
import type { BackendRun } from "./backend-run.js";
import { createBackendWatch } from "./backend-watch.js";
import { createCapacityBook } from "./capacity.js";
import { capacityOf, withCapacity } from "./change-capacity.js";
import type { Miner, MinerEvent, MinerOptions, MinerRequest, MinerRequestHead, MinerResponse } from "./miner.js";
import { parseInferenceRequest } from "./parse-inference-request.js";
import { errorResponse, healthResponse, jsonResponse } from "./respond.js";
import { type Endpoint, findEndpoint } from "./routing.js";
import { readServedTasks } from "./settings.js";
import { allowEveryone } from "./validator-directory.js";
import { createValidatorRegistry, type KnownValidator } from "./validator-registry.js";
import { warmUpTasks } from "./warm-up.js";

const ACTIVE_VALIDATOR_MS = 2 * 3_600_000; // two default scoring periods: whoever asked in neither shares no more
const MAX_VALIDATORS = 1024;
const DEFAULT_SESSION_TTL_MS = 3_600_000;
const AWAY_RETRY_MS = 10_000;
const DRAINING_RETRY_MS = 10_000; // for a restart; another miner is asked meanwhile

/**
 * A miner: it authenticates validators, tells them their capacity, admits what fits and streams the backend's answers.
 *
 * It has no server of its own; `serve` from `@vision/sdk/node` puts it on a port.
 *
 * @throws {@link VisionError} `SDK_INVALID_OPTIONS` naming every mistake in the options at once.
 */
export function createMiner(options: MinerOptions): Miner {
  const servedTasks = new Map(readServedTasks(options));
  let capacityInForce = capacityOf(options);
  const { hotkey, validators = allowEveryone(), clock = systemClock, logger = stderrLogger, random = systemRandomBytes } = options;
  validators.start?.(logger);

  const sessionTtlMs = options.sessionTtlMs ?? DEFAULT_SESSION_TTL_MS;
  const authenticator = createAuthenticator({
    hotkey,
    validators,
    sessionTtlMs,
    transportCertificate: options.transportCertificate,
    clock,
    random,
  });
  const registry = createValidatorRegistry({ activeWindowMs: ACTIVE_VALIDATOR_MS, maxValidators: MAX_VALIDATORS });
  const watch = createBackendWatch({ servedTasks, clock, logger });
  const failures = createBackendFailures({ clock, logger });
  const capacity = createCapacityBook({
    isHealthy: watch.isHealthy,
    servedTasks,
    registry,
    validators,
    getSharing: () => capacityInForce.capacitySharing,
    burstFraction: options.burstFraction ?? MINER_BURST_HOURS,
    logger,
  });
  const admission = createAdmission({ servedTasks, capacity, validators });
  const runs = new Set<BackendRun>();
  let state: "open" | "draining" | "closed" = "open";
  let onIdle = () => {};

  const status = (): MinerResponse => {
    const body: StatusResponse = { protocolVersion: PROTOCOL_VERSION, hotkey: hotkey.address, tasks: [...servedTasks.keys()] };
    return jsonResponse(body);
  };

  /** Whether somebody can be served something. */
  const isReady = () =>
    state === "open" && validators.allowedCount?.() !== 0 && [...servedTasks.values()].some(({ backend }) => watch.isHealthy(backend));

  const infer = async (validator: KnownValidator, family: TaskFamily, request: MinerRequest): Promise<MinerResponse> => {
    const parsed = parseInferenceRequest({ family, body: request.body, servedTasks, validator });
    if (!parsed.ok) return parsed.response;
    const inference = parsed.request;
    if (request.signal.aborted) return errorResponse("internal", "The client has gone away.");
    const startedMs = clock.monotonicMs();
    const requestName = nameRequest(request.headers);
    const trace = options.trace?.({
      validator: validator.address,
      task: inference.task,
      requestName,
      isStream: inference.isStream,
      receivedAtMs: request.receivedAtMs ?? clock.nowMs(),
    });
    const report = (outcome: MinerEvent["outcome"], workUnits: number) => {
      const durationMs = clock.monotonicMs() - startedMs;
      logger.debug("Request ended", { requestName, validator: validator.address, task: inference.task.id, outcome, workUnits, durationMs });
      const event = { validator: validator.address, taskId: inference.task.id, requestName, outcome, workUnits, durationMs };
      options.observe?.(event);
      trace?.end(event);
    };
    if (state === "draining") {
      report("rateLimited", 0);
      return errorResponse("rate_limited", "The miner is about to stop.", { retryAfterMs: DRAINING_RETRY_MS });
    }
    if (!watch.isHealthy(inference.served.backend)) {
      report("rateLimited", 0);
      return errorResponse("rate_limited", "The model is away at the moment.", { retryAfterMs: AWAY_RETRY_MS });
    }
    const decision = admission.admit(validator, inference, clock.monotonicMs());
    if (!decision.ok) {
      report("rateLimited", 0);
      return errorResponse("rate_limited", decision.reason, { retryAfterMs: decision.retryAfterMs });
    }
    const isReceiptWanted = request.headers[RECEIPT_HEADER] === RECEIPT_WANTED;
    const requestSha256Hex = isReceiptWanted ? sha256Hex(request.body) : "";
    return answerInference({
      inference,
      requestName,
      signReceipt: isReceiptWanted
        ? (answer) => signReceipt({ hotkey, validator: validator.address, requestSha256Hex, answer, atMs: clock.nowMs() })
        : null,
      lease: decision.lease,
      signal: request.signal,
      clock,
      failures,
      trace,
      onStart: (run) => runs.add(run),
      onEnd: (run, outcome, workUnits) => {
        runs.delete(run);
        report(outcome, workUnits);
        if (runs.size === 0) onIdle();
      },
    });
  };

  const answer = async (endpoint: Endpoint, request: MinerRequest): Promise<MinerResponse> => {
    if (endpoint.kind === "status") return status();
    if (endpoint.kind === "alive") return healthResponse(true);
    if (endpoint.kind === "ready") return healthResponse(isReady());
    if (endpoint.kind === "hello") {
      const response = authenticator.hello(request);
      if (response.status === 200) request.onAuthenticated?.();
      return response;
    }
    const authentication = authenticator.authenticate(request);
    if (!authentication.ok) return errorResponse(authentication.code, `Refused: ${authentication.reason}.`);
    request.onAuthenticated?.();
    const validator = registry.touch(authentication.validator, authentication.stakeRao, clock.monotonicMs());
    if (endpoint.kind === "capacity" && state === "draining") return errorResponse("overloaded", "The miner is about to stop.");
    if (endpoint.kind === "capacity") return capacity.answer(validator, request.body, clock.monotonicMs());
    return infer(validator, endpoint.family, request);
  };

  const locate = (head: MinerRequestHead) => {
    if (state === "closed") return { ok: false, response: errorResponse("overloaded", "The miner is shutting down.") } as const;
    const endpoint = findEndpoint(head.method, head.path);
    if (endpoint === null) return { ok: false, response: errorResponse("not_found", "There is no such endpoint.") } as const;
    return { ok: true, endpoint } as const;
  };

  return {
    hotkey: hotkey.address,
    taskIds: [...servedTasks.keys()],

    checkHead(head) {
      const located = locate(head);
      if (!located.ok) return { kind: "refuse", response: located.response };
      const { endpoint } = located;
      const declaredBytes = Number(head.headers["content-length"] ?? 0);
      if (declaredBytes > endpoint.maxRequestBytes) {
        return {
          kind: "refuse",
          response: errorResponse("payload_too_large", `The body is larger than ${endpoint.maxRequestBytes} bytes.`),
        };
      }
      if (!endpoint.isAuthenticated) return { kind: "read", maxBodyBytes: endpoint.maxRequestBytes, isInSession: false };
      const authentication = authenticator.checkHead(head.headers, endpoint.kind === "hello" ? "hello" : "request");
      if (!authentication.ok) {
        return { kind: "refuse", response: errorResponse(authentication.code, `Refused: ${authentication.reason}.`) };
      }
      return { kind: "read", maxBodyBytes: endpoint.maxRequestBytes, isInSession: authentication.isInSession };
    },

    async handle(request) {
      const located = locate(request);
      if (!located.ok) return located.response;
      if (request.body.byteLength > located.endpoint.maxRequestBytes) {
        return errorResponse("payload_too_large", `The body is larger than ${located.endpoint.maxRequestBytes} bytes.`);
      }
      try {
        return await answer(located.endpoint, request);
      } catch (error) {
        logger.error("A request could not be handled; this is a bug", { path: located.endpoint.path, error: String(error).slice(0, 500) });
        return errorResponse("internal", "The miner failed.");
      }
    },

    getInFlight: admission.getInFlight,

    getHealth: () => Object.fromEntries([...servedTasks.values()].map(({ id, backend }) => [id, watch.isHealthy(backend)])),

    getCapacity: () => capacityInForce,

    changeCapacity(next) {
      const changed = readServedTasks(withCapacity(options, next));
      for (const [id, task] of changed) servedTasks.set(id, task);
      capacityInForce = capacityOf(next);
      admission.resize();
    },

    warmUp: ({ signal }) => warmUpTasks(servedTasks.values(), { signal, clock }),

    watchBackends: watch.start,

    async drain() {
      if (state === "open") state = "draining";
      if (runs.size === 0) return;
      await new Promise<void>((resolve) => {
        const earlier = onIdle;
        onIdle = () => {
          earlier();
          resolve();
        };
      });
    },

    async close() {
      if (state === "closed") return;
      state = "closed";
      watch.stop();
      for (const run of [...runs]) run.stop("closed");
      const backends = new Set<InferenceBackend>([...servedTasks.values()].map((task) => task.backend));
      await Promise.all([...backends].map(async (backend) => backend.close?.()));
    },
  };
}
