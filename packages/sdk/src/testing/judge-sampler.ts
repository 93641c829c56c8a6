import assert from "node:assert/strict";
import { type Answer, measureDraws, type Task } from "@vision/protocol";
import type { TextRequest } from "../backends/text/read-text-request.js";

/** Seeds of the answers that are judged: several, because a short answer can be right by luck. */
export const judgedSeeds = [1, 2, 3, 4] as const;

/** One sampled answer and the request that it answers. */
export type SampledAnswer = { readonly request: Pick<TextRequest, "prompt" | "sampling">; readonly answer: Answer };

/**
 * Whether tokens of a task are to be drawn by a sampler that the task names, from a model that is embedded here, so that they can be drawn
 * again.
 */
export async function hasJudgedSampler(task: Task): Promise<boolean> {
  if (task.check.kind !== "teacher-forcing" || !task.check.samplers.every((name) => name === "gumbel-murmur3")) return false;
  const { isModelName } = await import("@vision/tiny");
  return isModelName(task.model);
}

/**
 * Asserts what a validator checks of sampled answers: every token is the one that the request's seed gives, and the claimed logprobs are the
 * model's, both within the task's own bounds.
 *
 * @throws AssertionError that says what a validator would have found.
 */
export async function judgeSampler(task: Task, answers: readonly SampledAnswer[]): Promise<void> {
  const { isModelName, loadLanguageModel } = await import("@vision/tiny");
  const { check } = task;
  assert.ok(check.kind === "teacher-forcing" && isModelName(task.model), `${task.id} has no sampler that can be judged here`);
  const model = await loadLanguageModel(task.model);
  let tokenCount = 0;
  let farCount = 0;
  let differenceSum = 0;
  for (const { request, answer } of answers) {
    assert.ok(answer.kind === "text", "the answer is no text");
    const { prompt, sampling } = request;
    // The token that closed the answer is reported last, without bytes; which of the end tokens it was is not on the wire.
    const tokens = answer.tokens.filter(({ bytes }) => bytes?.length !== 0);
    const ids = tokens.map(({ bytes, text }) => {
      const id = bytes === null ? undefined : model.tokenizer.idOfBytes(Uint8Array.from(bytes));
      assert.ok(id !== undefined, `the token ${JSON.stringify(text)} is not in the vocabulary of ${task.model}`);
      return id;
    });
    const promptTokens = prompt.kind === "chat" ? model.chatPrompt(prompt.messages, prompt) : model.completionPrompt(prompt.text);
    const positions = ids.length === 0 ? [] : model.score({ promptTokens, outputTokens: ids });
    const { rules, seed } = sampling;
    const margins = measureDraws({ positions, promptTokens, sampler: "gumbel-murmur3", rules, seed }) ?? [];
    positions.forEach(({ logprob }, index) => {
      tokenCount += 1;
      if ((margins[index] ?? 0) > check.marginNats) farCount += 1;
      differenceSum += Math.abs((tokens[index]?.logprob ?? Number.NEGATIVE_INFINITY) - logprob);
    });
  }
  assert.ok(tokenCount > 0, "the sampled answers hold no tokens");
  const { maxLogprobDifference } = check;
  const rule = `${task.id} is checked token by token: they are drawn by gumbel-murmur3 from the request's seed`;
  assert.ok(farCount === 0, `${tokenCount - farCount} of ${tokenCount} tokens are the ones that the seed gives. ${rule}.`);
  const difference = differenceSum / tokenCount;
  assert.ok(
    difference <= maxLogprobDifference,
    `logprobs are off by ${difference.toFixed(3)} on average, more than ${maxLogprobDifference}`,
  );
}
