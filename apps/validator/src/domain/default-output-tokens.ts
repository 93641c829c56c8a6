import { getFamily, type RequestBody, type Task } from "@vision/protocol";

/** Most that a request without a limit may take, in typical answers: one request must not hold a miner's whole capacity. */
const MOST_TYPICAL_ANSWERS = 16;
/** Where the tokenizer is not known: dense text has two bytes a token, so that what is left of the context is not overrated. */
const FEWEST_BYTES_PER_TOKEN = 2;
/** Around the prompt, by templates. */
const TEMPLATE_TOKENS = 64;

/** What an output limit is made from. */
export type OutputNeed = {
  readonly task: Task;
  readonly request: RequestBody;
  /** Tokens of the prompt; null where they cannot be counted. */
  readonly promptTokens: number | null;
  /** Work units that the miner has free. */
  readonly freeUnits: number;
};

/** Whether a request names no output limit, and its task has a context to take one from. */
export function isUnlimited(task: Task, request: RequestBody): boolean {
  return task.contextTokens !== undefined && getFamily(task.family).namedLimitField(request) === null;
}

/** Work units that a miner must have free to be asked: all that the request may take, or a typical answer where it names no limit. */
export function leastUnits(task: Task, request: RequestBody): number {
  const units = getFamily(task.family).maxWorkUnits(request);
  return isUnlimited(task, request) ? Math.min(units, Math.ceil(task.typicalUnitsPerRequest)) : units;
}

/** Most work units that a request may take, whoever answers it. */
export function mostUnits(task: Task, request: RequestBody): number {
  const units = getFamily(task.family).maxWorkUnits(request);
  if (!isUnlimited(task, request)) return units;
  return Math.min(units, Math.ceil(task.typicalUnitsPerRequest) * MOST_TYPICAL_ANSWERS, task.contextTokens ?? units);
}

/**
 * Output limit of a request that names none, as most clients' do: what the context leaves, bounded by what the miner has free and by a
 * multiple of the task's typical answer. Never less than a typical answer where the context has room for one.
 *
 * @returns Tokens, whole, at least 1.
 */
export function defaultOutputTokens({ task, request, promptTokens, freeUnits }: OutputNeed): number {
  const context = task.contextTokens ?? Number.POSITIVE_INFINITY;
  const typical = Math.ceil(task.typicalUnitsPerRequest);
  const wanted = Math.min(typical * MOST_TYPICAL_ANSWERS, Math.max(typical, Math.floor(freeUnits)));
  if (promptTokens !== null) return Math.max(1, Math.min(wanted, context - promptTokens));
  const bytes = Buffer.byteLength(getFamily(task.family).promptText(request));
  const left = context - Math.ceil(bytes / FEWEST_BYTES_PER_TOKEN) - TEMPLATE_TOKENS;
  return Math.min(wanted, Math.max(typical, left));
}
