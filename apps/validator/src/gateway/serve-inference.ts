import { randomUUID } from "node:crypto";
import {
  type AnswerIdentity,
  type AnswerUsage,
  createWireError,
  DONE_EVENT,
  encodeEvent,
  encodeEventText,
  type TaskFamily,
} from "@vision/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock, PromptCounter } from "../ports/index.js";
import { assertFitsContext } from "./assert-fits-context.js";
import { billedPromptTokens, type PromptFacts } from "./billed-prompt-tokens.js";
import { findTask } from "./find-task.js";
import type { Admission } from "./key-limits.js";
import { parseModel, parseRequest } from "./parse-request.js";
import { runWithFailover, type ServedRequest, type ServingDependencies } from "./run-with-failover.js";
import { createUserConnection, type UserConnection } from "./user-connection.js";

/** What inference endpoints need. */
export type InferenceDependencies = ServingDependencies & {
  readonly clock: Clock;
  /** What the door found out about a request that it let in. */
  readonly admissionOf: (request: FastifyRequest) => Admission;
  readonly promptCounter: PromptCounter;
  /** Aborted when the gateway closes. */
  readonly closing: AbortSignal;
};

/** Tokens of the prompt, and of the answer as it is counted for the miner. */
function toUsage({ result }: Extract<ServedRequest, { kind: "answered" }>, prompt: Omit<PromptFacts, "reportedTokens">): AnswerUsage {
  return {
    promptTokens: billedPromptTokens({ ...prompt, reportedTokens: result.reportedPromptTokens }),
    completionTokens: Math.round(result.completedUnits),
  };
}

/** Handler of a family's endpoint for requests that the door let in: parse, route, answer. */
export function createInferenceHandler(family: TaskFamily, options: { readonly maxAttempts: number }, dependencies: InferenceDependencies) {
  const { clock, admissionOf, routing } = dependencies;

  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const model = parseModel(request.body);
    const task = findTask(routing.registry(), family, model);
    const parsed = parseRequest(request.body, { family, task });
    const count = await dependencies.promptCounter.count(task, parsed);
    const prompt = { request: parsed, count, promptCharacters: family.promptText(parsed).length };
    assertFitsContext({ ...prompt, task, family });
    const identity: AnswerIdentity = {
      id: `${family.idPrefix}${randomUUID().replaceAll("-", "")}`,
      createdSeconds: Math.floor(clock.nowMs() / 1000),
      model,
      request: parsed,
    };

    const admission = admissionOf(request);
    const expectedUnits = Math.min(task.typicalUnitsPerRequest, family.maxWorkUnits(parsed));
    for (const [name, value] of Object.entries(admission.hold(expectedUnits))) reply.raw.setHeader(name, value);

    const connection = createUserConnection(reply.raw, { closing: dependencies.closing });
    const isStream = family.isStreamWanted(parsed);
    try {
      const served = await runWithFailover(
        {
          task,
          identity,
          maxAttempts: options.maxAttempts,
          signal: connection.signal,
          ...(isStream ? { send: connection.sendEvent } : {}),
        },
        dependencies,
      );
      admission.settle(served.result.completedUnits);
      if (isStream) {
        reply.hijack();
        await endStream(connection, served, prompt);
        return reply;
      }
      if (served.kind === "broken" || served.result.answer === null)
        throw new TypeError("an answer that is not streamed cannot break half-way");
      return served.presenter.body(served.result.answer, toUsage(served, prompt));
    } catch (error) {
      // Nothing was delivered, unless the user left before it was known how much.
      if (!connection.signal.aborted) admission.settle(0);
      // The user is gone, or the stream has begun: there is nobody to answer, or no way to.
      if (!connection.hasStarted() && !connection.signal.aborted) throw error;
      reply.hijack();
      reply.raw.destroy();
      return reply;
    } finally {
      connection.release();
    }
  };
}

async function endStream(connection: UserConnection, served: ServedRequest, prompt: Omit<PromptFacts, "reportedTokens">): Promise<void> {
  if (served.kind === "broken") {
    connection.end(encodeEvent(createWireError("backend_failed", "The answer broke off: the miner failed. Try again.")));
    return;
  }
  const event = served.presenter.usageEvent(toUsage(served, prompt));
  if (event !== null) await connection.sendEvent(encodeEventText(event));
  connection.end(DONE_EVENT);
}
