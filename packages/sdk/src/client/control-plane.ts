import { Agent } from "node:https";
import axios, { type AxiosError } from "axios";
import type { Clock } from "../runtime/clock.js";
import { parseJsonBytes } from "../runtime/parse-json.js";
import { createDeadline } from "./deadline.js";
import { contentFailure, networkFailure, statusFailure } from "./failure.js";
import type { ClientFailure } from "./miner-client.js";
import type { TransportTrust } from "./transport.js";

/** One request to a control endpoint. */
export type ControlRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly maxResponseBytes: number;
  /** Pieces of JSON that the answer may be made of: what is more is not parsed. */
  readonly maxResponseValues: number;
  readonly signal?: AbortSignal | undefined;
  readonly trust: TransportTrust;
};

/** The parsed JSON of a 200 answer, or why there is none. */
export type ControlResult = { readonly ok: true; readonly body: unknown } | ClientFailure;

/** Small requests now and then: hello and capacity. */
export type ControlPlane = {
  /** Posts JSON and returns the JSON of a 200 answer. Never throws. */
  post(request: ControlRequest): Promise<ControlResult>;
  close(): void;
};

/** axios over one TLS connection a request. Redirects and proxies are off: a request is signed for one miner at one address. */
export function createControlPlane(clock: Clock, timeoutMs: number): ControlPlane {
  const agents = new Set<Agent>();
  const http = axios.create({
    adapter: "http",
    proxy: false,
    maxRedirects: 0,
    decompress: false,
    responseType: "arraybuffer",
    validateStatus: () => true,
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
  });
  return {
    async post({ url, headers, body, maxResponseBytes, maxResponseValues, signal, trust }) {
      const httpsAgent = new Agent({ ...trust, keepAlive: false });
      agents.add(httpsAgent);
      const deadline = createDeadline(clock, { totalMs: timeoutMs }, signal);
      try {
        const response = await http.post<unknown>(url, Buffer.from(body), {
          headers: { ...headers, "content-type": "application/json", accept: "application/json", "accept-encoding": "identity" },
          maxContentLength: maxResponseBytes,
          signal: deadline.signal,
          httpsAgent,
        });
        const { data } = response;
        const json =
          data instanceof Uint8Array ? parseJsonBytes(data, { values: maxResponseValues }) : { ok: false as const, reason: "no body" };
        if (response.status !== 200) return statusFailure(response.status, json.ok ? json.value : null);
        return json.ok ? { ok: true, body: json.value } : contentFailure(json.reason);
      } catch (error) {
        const failure = deadline.getFailure();
        if (failure !== null) return failure;
        if ((error as AxiosError).code === "ERR_BAD_RESPONSE") {
          return contentFailure(`the answer is larger than ${maxResponseBytes} bytes or broken`);
        }
        return networkFailure(error);
      } finally {
        deadline.clear();
        agents.delete(httpsAgent);
        httpsAgent.destroy();
      }
    },
    close() {
      for (const agent of agents) agent.destroy();
    },
  };
}
