import { type CapacityRequest, defaultTasks, PROTOCOL_VERSION, type Task } from "@vision/protocol";
import { createHotkeyFromUri, DEFAULT_MAX_FUTURE_MS, type Hotkey, signRequest } from "@vision/signing";
import {
  createMiner,
  type Miner,
  type MinerOptions,
  type MinerRequest,
  type MinerResponse,
  silentLogger,
  type ValidatorDirectory,
} from "../../src/index.js";
import { createManualClock, type ManualClock } from "../../src/runtime/manual-clock.js";

/** The built-in task of an id. */
export function taskOf(id: string): Task {
  const task = defaultTasks.find((candidate) => candidate.id === id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return task;
}

export const chatTask = taskOf("chat-tiny");

/** A miner without a server, on a clock of its own, and a way to send it signed requests. */
export type TestMiner = {
  readonly miner: Miner;
  readonly clock: ManualClock;
  readonly hotkey: Hotkey;
  /** Sends a request signed by the validator. A string body is sent as it is, anything else as JSON. */
  post(path: string, body: unknown, options?: PostOptions): Promise<MinerResponse>;
  chat(options?: PostOptions & { readonly fields?: Readonly<Record<string, unknown>> }): Promise<MinerResponse>;
  askCapacity(options?: PostOptions & { readonly tasks?: readonly unknown[] }): Promise<Record<string, number>>;
};

export type PostOptions = { readonly validator?: Hotkey; readonly signal?: AbortSignal; readonly headers?: MinerRequest["headers"] };

/** A chat body for the tiny task. */
export function chatRequest(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { model: "chat-tiny", messages: [{ role: "user", content: "hi" }], max_tokens: 10, stream: true, ...fields };
}

/** Call after `ready()`. */
export function createTestMiner(options: Partial<MinerOptions> & Pick<MinerOptions, "tasks">): TestMiner {
  const clock = createManualClock();
  const hotkey = createHotkeyFromUri("//Miner");
  const defaultValidator = createHotkeyFromUri("//Validator");
  const miner = createMiner({ hotkey, clock, logger: silentLogger, transportCertificate: new Uint8Array(64), ...options });
  // Requests with a signature of their own are taken once nobody can hold one that an earlier process has served.
  clock.advance(DEFAULT_MAX_FUTURE_MS);
  let uuid = 0;
  const post: TestMiner["post"] = (path, value, { validator = defaultValidator, signal, headers } = {}) => {
    const body = Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
    uuid += 1;
    const signed = signRequest({ hotkey: validator, body, signedFor: hotkey.address, uuid: String(uuid), timestampMs: clock.nowMs() });
    return miner.handle({ method: "POST", path, headers: headers ?? signed, body, signal: signal ?? new AbortController().signal });
  };
  return {
    miner,
    clock,
    hotkey,
    post,
    chat: ({ fields, ...rest } = {}) => post("/v1/chat/completions", chatRequest(fields), rest),
    async askCapacity({ tasks = [chatTask], ...rest } = {}) {
      const request: CapacityRequest = { protocolVersion: PROTOCOL_VERSION, periodMs: 3_600_000, tasks: tasks as readonly Task[] };
      const response = await post("/v1/capacity", request, rest);
      if (response.status !== 200) throw new Error(`status ${response.status}: ${String(response.body)}`);
      return JSON.parse(await readAll(response)).capacities;
    },
  };
}

/** The whole text of an answer. */
export async function readAll(response: MinerResponse): Promise<string> {
  if (typeof response.body === "string") return response.body;
  let text = "";
  for await (const chunk of response.body) text += chunk;
  return text;
}

/** The error code of an answer. */
export async function errorCode(response: MinerResponse): Promise<string> {
  return JSON.parse(await readAll(response)).error.code;
}

/** A directory that allows these validators, by hotkey, with their stakes in RAO. */
export function directory(stakes: Readonly<Record<string, bigint>>): ValidatorDirectory {
  return {
    isAllowed: (hotkey) => {
      const stakeRao = stakes[hotkey];
      return stakeRao === undefined ? { isAllowed: false, reason: "not registered" } : { isAllowed: true, stakeRao };
    },
    totalStakeRao: () => Object.values(stakes).reduce((sum, stake) => sum + stake, 0n),
  };
}
