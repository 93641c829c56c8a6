import { randomUUID } from "node:crypto";
import { spanFacts } from "@vision/program";
import { createWireError, type RequestBody } from "@vision/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import { mostUnits } from "../domain/default-output-tokens.js";
import type { HoldMeter, Logger, PromptCounter } from "../ports/index.js";
import { toApiError } from "./api-error.js";
import type { Endpoint, UserPresenter } from "./endpoints/endpoint.js";
import { findTask } from "./find-task.js";
import type { ImageLinks } from "./image-links.js";
import type { Admission } from "./key-limits.js";
import { parseModel } from "./parse-request.js";
import type { FetchPicture } from "./picture-fetcher.js";
import { readRequests } from "./read-requests.js";
import type { RequestLog } from "./request-log.js";
import { factsOfTask, type RequestTraces } from "./request-traces.js";
import { type ServedChoices, serveChoices } from "./serve-choices.js";
import type { SharedBook } from "./shared-book.js";
import type { UsageBook } from "./usage-book.js";
import { createUserConnection } from "./user-connection.js";
import type { RoutingOptions, ServingDependencies } from "./user-request.js";

/** What inference endpoints need. */
export type InferenceDependencies = ServingDependencies & {
  readonly logger: Pick<Logger, "debug" | "error">;
  /** What the door found out about a request that it let in. */
  readonly admissionOf: (request: FastifyRequest) => Admission;
  readonly promptCounter: PromptCounter;
  /** By key. */
  readonly fetchPicture: (keyId: string) => FetchPicture;
  readonly links: Pick<ImageLinks, "publish">;
  /** What books on a request's sender what the request makes the loop do. */
  readonly workOf: (request: FastifyRequest) => Pick<HoldMeter, "measure">;
  readonly usage: Pick<UsageBook, "note">;
  readonly requestLog: Pick<RequestLog, "begin">;
  readonly sharedBook: Pick<SharedBook, "begin">;
  /** Null where there are no traces. */
  readonly traces: Pick<RequestTraces, "of"> | null;
  /** Aborted when the gateway closes. */
  readonly closing: AbortSignal;
};

/** Settings of inference endpoints; see `GatewayOptions`. */
export type InferenceOptions = RoutingOptions & { readonly keepAliveMs: number; readonly publicUrl?: string | undefined };

/** Handler of an endpoint for requests that the door let in: parse, route, answer. */
export function createInferenceHandler(endpoint: Endpoint, options: InferenceOptions, dependencies: InferenceDependencies) {
  const { clock, logger, admissionOf, routing } = dependencies;

  const { family } = endpoint;
  const prepare = inTurns(endpoint);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const model = parseModel(request.body);
    const task = findTask(routing.registry(), family, model);
    const { measure } = dependencies.workOf(request);
    const admission = admissionOf(request);
    const fetchPicture = dependencies.fetchPicture(admission.key.id);
    const body = endpoint.fetchFiles === undefined ? request.body : await endpoint.fetchFiles(request.body, fetchPicture);
    const read = measure(() => endpoint.read(body));
    const familyBody = await prepare(read.familyBody, task);
    const singles = await readRequests(familyBody, { family, task, promptCounter: dependencies.promptCounter, measure });
    const identity = {
      id: `${endpoint.idPrefix}${randomUUID().replaceAll("-", "")}`,
      createdSeconds: Math.floor(clock.nowMs() / 1000),
      model,
    };
    const baseUrl = options.publicUrl ?? `${request.protocol}://${request.host}`;
    const publishing = { publishImage: (base64: string) => new URL(dependencies.links.publish(base64), baseUrl).href };
    const createPresenter = (choiceIndex: number) => {
      const { request: parsed } = singles[choiceIndex] ?? { request: {} };
      return read.createPresenter({ ...identity, choiceIndex, request: parsed }, publishing);
    };

    const sumOf = (unitsOf: (body: RequestBody) => number) => singles.reduce((sum, single) => sum + unitsOf(single.request), 0);
    const held = admission.hold(
      sumOf((body) => Math.min(task.typicalUnitsPerRequest, family.maxWorkUnits(body))),
      sumOf((body) => mostUnits(task, body)),
    );
    for (const [name, value] of Object.entries(held)) reply.raw.setHeader(name, value);

    const asked = { keyId: admission.key.id, id: request.id, taskId: task.id, atMs: clock.nowMs() };
    const noteTried = dependencies.requestLog.begin(asked);
    const shared = admission.key.sharesRequests ? dependencies.sharedBook.begin(asked) : null;
    const onTried: typeof noteTried = (hotkey, result) => {
      const { requestName, outcome, durationMs } = result;
      logger.debug("A miner was asked for a user's request", { requestId: request.id, hotkey, requestName, outcome, durationMs });
      noteTried(hotkey, result);
      shared?.tried(hotkey);
    };
    const connection = createUserConnection(reply.raw, { closing: dependencies.closing });
    const isStream = singles.every((single) => family.isStreamWanted(single.request));
    const span = dependencies.traces?.of(request) ?? null;
    span?.note({ ...factsOfTask(task), [spanFacts.isStream]: isStream, [spanFacts.choiceCount]: singles.length });
    if (isStream) void connection.keepAlive(clock, options.keepAliveMs);
    let served: ServedChoices | null = null;
    try {
      served = await serveChoices(
        {
          ...{ task, singles, createPresenter, routingOptions: options, signal: connection.signal, span, onTried },
          ...(isStream ? { send: connection.sendEvent } : {}),
        },
        dependencies,
      );
      const hasLeft = connection.signal.aborted;
      // An answer that broke off is charged what came of it. Of one that the user left before any of it came nobody knows, and what was held stays.
      if (served.kind !== "refused" || !hasLeft) admission.settle(served.deliveredUnits);
      if (served.kind === "refused" && !connection.hasStarted() && !hasLeft) throw served.error;
      if (served.kind === "answered") shared?.keep(singles);
      if (served.kind === "answered" && !isStream) return bodyOf(served);
      reply.hijack();
      if (hasLeft || !isStream) reply.raw.destroy();
      else connection.end(endOf(served, { requestId: request.id, logger, unused: () => createPresenter(0) }));
      return reply;
    } finally {
      const isError = served?.kind !== "answered" && !connection.signal.aborted;
      const promptTokens = served?.kind === "answered" ? served.usage.promptTokens : 0;
      dependencies.usage.note({ keyId: asked.keyId, taskId: task.id, isError, promptTokens, units: served?.deliveredUnits ?? 0 });
      admission.release();
      if (isError) span?.fail(served?.kind ?? "internal");
      if (served?.kind === "answered") {
        span?.note({ [spanFacts.inputTokens]: promptTokens, [spanFacts.outputTokens]: served.usage.completionTokens });
      }
      connection.release();
    }
  };
}

/** Files are read one after the other: each gives way after every piece, and the pieces of many would add up to a long turn. */
function inTurns({ prepare }: Endpoint): NonNullable<Endpoint["prepare"]> {
  if (prepare === undefined) return async (familyBody) => familyBody;
  let last: Promise<unknown> = Promise.resolve();
  return (familyBody, task) => {
    const prepared = last.then(() => prepare(familyBody, task));
    last = prepared.catch(() => undefined);
    return prepared;
  };
}

function bodyOf({ answers, usage }: Extract<ServedChoices, { kind: "answered" }>): unknown {
  const choices = answers.map(({ result, presenter }) => (result.answer === null ? null : presenter.choice(result.answer)));
  return answers[0]?.presenter.body(choices, usage);
}

/** The end of a stream, with an error event where it failed: its status is sent already. */
function endOf(served: ServedChoices, { logger, requestId, unused }: EndOptions): string {
  switch (served.kind) {
    case "broken":
      return served.presenter.endFailed(createWireError("backend_failed", "The answer broke off: the miner failed. Try again."));
    case "refused": {
      const error = toApiError(served.error);
      if (error.status === 500) logger.error("A request to the API failed inside", { requestId, error: served.error });
      return unused().endFailed(error.body);
    }
    case "answered":
      return served.answers[0]?.presenter.end(served.usage) ?? "";
  }
}

type EndOptions = {
  readonly logger: Pick<Logger, "error">;
  readonly requestId: string;
  /** A presenter for a stream of which nothing was sent. */
  readonly unused: () => UserPresenter;
};
