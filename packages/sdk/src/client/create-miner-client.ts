import { capacityResponseSchema, isCompatibleVersion, parseCapacities, protocolLimits, routes } from "@vision/protocol";
import { z } from "zod";
import { systemClock } from "../runtime/clock.js";
import { clockOption, hotkeyOption } from "../runtime/option-parts.js";
import { parseOptions } from "../runtime/parse-options.js";
import { type RandomBytes, systemRandomBytes } from "../runtime/random-bytes.js";
import { createControlPlane } from "./control-plane.js";
import { createDataPlane } from "./data-plane.js";
import { contentFailure, isSessionLost } from "./failure.js";
import type { MinerClient, MinerClientOptions } from "./miner-client.js";
import { createSessionCache } from "./session-cache.js";
import { targetOrigin } from "./target.js";

const DEFAULT_CONNECTIONS = 1024;
const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_CONTROL_TIMEOUT_MS = 10_000;
/** Pieces of JSON of a capacity answer: an honest one has four for each task that it was asked about, names included. */
const CAPACITY_VALUES = { around: 1024, perTask: 16 };

const positive = "must be a number above 0";
const optionsSchema = z.strictObject({
  hotkey: hotkeyOption,
  clock: clockOption,
  randomBytes: z.custom<RandomBytes>((value) => typeof value === "function", "must be a function").optional(),
  connections: z.int(positive).positive(positive).optional(),
  connectTimeoutMs: z.number(positive).positive(positive).optional(),
  controlTimeoutMs: z.number(positive).positive(positive).optional(),
});

/**
 * The client that a validator talks to its miners with.
 *
 * One hello per miner and hour, a MAC per request, TLS to the certificate that the hello's answer names. Inference goes over undici pools,
 * control requests over axios.
 *
 * @throws {@link VisionError} `SDK_INVALID_OPTIONS` naming every mistake in the options at once.
 */
export function createMinerClient(given: MinerClientOptions): MinerClient {
  const options = parseOptions("createMinerClient", optionsSchema, given);
  const { hotkey, clock = systemClock, randomBytes = systemRandomBytes } = options;
  const controlPlane = createControlPlane(clock, options.controlTimeoutMs ?? DEFAULT_CONTROL_TIMEOUT_MS);
  const sessions = createSessionCache({ hotkey, clock, randomBytes, controlPlane });
  const dataPlane = createDataPlane({
    clock,
    sessions,
    connections: options.connections ?? DEFAULT_CONNECTIONS,
    connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
  });

  return {
    async openSession(target, { signal } = {}) {
      const result = await sessions.get(target, signal);
      return result.ok ? { ok: true, sessionId: result.session.sessionId, expiresAtMs: result.session.expiresAtMs } : result;
    },

    async getCapacities(target, request, { signal } = {}) {
      const body = Buffer.from(JSON.stringify(request));
      const { method, path } = routes.capacity;
      const ask = async () => {
        const result = await sessions.get(target, signal);
        if (!result.ok) return result;
        const headers = result.session.authenticate(method, path, body);
        const url = targetOrigin(target) + path;
        const answer = await controlPlane.post({
          url,
          headers,
          body,
          maxResponseBytes: protocolLimits.capacityBytes,
          maxResponseValues: CAPACITY_VALUES.around + request.tasks.length * CAPACITY_VALUES.perTask,
          signal,
          trust: result.session.trust,
        });
        if (!answer.ok && isSessionLost(answer)) sessions.drop(target, result.session);
        return answer;
      };
      let answer = await ask();
      if (!answer.ok && isSessionLost(answer)) answer = await ask();
      if (!answer.ok) return answer;
      const parsed = capacityResponseSchema.safeParse(answer.body);
      if (!parsed.success) return contentFailure("not a capacity answer");
      const { protocolVersion } = parsed.data;
      if (!isCompatibleVersion(protocolVersion)) return contentFailure(`the miner speaks protocol ${protocolVersion}`);
      return { ok: true, protocolVersion, capacities: parseCapacities(parsed.data, request.tasks) };
    },

    send: dataPlane.send,

    async close() {
      controlPlane.close();
      await dataPlane.close();
    },
  };
}
