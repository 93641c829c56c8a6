import { protocolLimits, type RequestBody, type Task, type TaskFamily } from "@vision/protocol";
import type { PromptCounter } from "../ports/index.js";
import { ApiError } from "./api-error.js";
import { assertFitsContext } from "./assert-fits-context.js";
import type { PromptFacts } from "./billed-prompt-tokens.js";
import { parseRequest } from "./parse-request.js";

/** One answer that a user asks for: a request of its own to a miner. */
export type SingleRequest = {
  readonly request: RequestBody;
  readonly prompt: Omit<PromptFacts, "reportedTokens">;
  /** Which of the body's prompts it answers, from 0. */
  readonly promptIndex: number;
};

/** What a user's body is read by. */
export type ReadRequestsOptions = {
  readonly family: TaskFamily;
  readonly task: Task;
  readonly promptCounter: PromptCounter;
  /** Runs what a body makes the loop do. */
  readonly measure: <Value>(run: () => Value) => Value;
};

/**
 * The answers that a user's body asks for, in order: several where it has several prompts or `n` above 1.
 *
 * @throws {@link ApiError} 400 naming the field; `unsupported` for what the task cannot do, `context_length_exceeded`.
 */
export async function readRequests(body: unknown, options: ReadRequestsOptions): Promise<readonly SingleRequest[]> {
  const { family } = options;
  const isObject = typeof body === "object" && body !== null;
  const count = isObject ? family.countAnswers(body as RequestBody) : 1;
  if (count > protocolLimits.answers) {
    const param = (body as RequestBody)["n"] === undefined ? "prompt" : "n";
    const message = `Invalid '${param}': a request may ask for at most ${protocolLimits.answers} answers, but this one asks for ${count}.`;
    throw new ApiError({ status: 400, code: "invalid_value", param, message });
  }
  // One after the other: what is wrong with the first prompt is told before what is wrong with the second.
  const requests: SingleRequest[] = [];
  for (const [promptIndex, singles] of (isObject ? family.split(body as RequestBody) : [[body]]).entries()) {
    for (const single of singles) requests.push({ ...(await readSingle(single, options)), promptIndex });
  }
  return requests;
}

async function readSingle(body: unknown, options: ReadRequestsOptions): Promise<Omit<SingleRequest, "promptIndex">> {
  const { family, task, promptCounter, measure } = options;
  const text = await asText(body, options);
  const request = measure(() => parseRequest(text, { family, task }));
  const count = await measure(() => promptCounter.count(task, request));
  const prompt = { request, count, promptCharacters: family.promptText(request).length };
  assertFitsContext({ ...prompt, task, family });
  return { request, prompt };
}

/** The body with text in the place of token ids. */
async function asText(body: unknown, { family, task, promptCounter, measure }: ReadRequestsOptions): Promise<unknown> {
  if (typeof body !== "object" || body === null) return body;
  const tokenIds = family.promptTokenIds(body as RequestBody);
  if (tokenIds === null) return body;
  const read = await measure(() => promptCounter.textOf(task, tokenIds));
  if (read.kind === "text") return family.withPromptText(body as RequestBody, read.text);
  const param = "prompt";
  if (read.kind === "unusable")
    throw new ApiError({ status: 400, code: "invalid_value", param, message: `Invalid 'prompt': ${read.reason}.` });
  const message = `Token ids are not supported for ${task.id}: its tokenizer is not known here. Send the prompt as text.`;
  throw new ApiError({ status: 400, code: "unsupported", param, message });
}
