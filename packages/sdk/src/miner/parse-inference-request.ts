import type { RequestBody, Task, TaskFamily } from "@vision/protocol";
import type { z } from "zod";
import type { MinerResponse } from "./miner.js";
import { parseJsonBody } from "./parse-json-body.js";
import { errorResponse } from "./respond.js";
import type { ServedTask } from "./settings.js";
import type { KnownValidator } from "./validator-registry.js";

/** A request that can be admitted. */
export type InferenceRequest = {
  readonly task: Task;
  readonly served: ServedTask;
  readonly family: TaskFamily;
  /** Parsed, with the backend's name for the model. */
  readonly request: RequestBody;
  readonly isStream: boolean;
  /** The most that it can take. */
  readonly maxWorkUnits: number;
};

/** A request that can be admitted, or the answer that refuses it. */
export type ParsedInferenceRequest =
  | { readonly ok: true; readonly request: InferenceRequest }
  | { readonly ok: false; readonly response: MinerResponse };

/** A body as it came in at a family's endpoint, and who sent it. */
export type ParseInferenceOptions = {
  readonly family: TaskFamily;
  readonly body: Uint8Array;
  readonly servedTasks: ReadonlyMap<string, ServedTask>;
  readonly validator: KnownValidator;
};

/** Reads an inference request, or says what is wrong with it. The `model` of a request between validator and miner is a task id. */
export function parseInferenceRequest({ family, body, servedTasks, validator }: ParseInferenceOptions): ParsedInferenceRequest {
  const json = parseJsonBody(body);
  if (!json.ok) return refuse(errorResponse("invalid_request", json.reason));
  const parsed = family.requestSchema.safeParse(json.value);
  if (!parsed.success) return refuse(describeIssues(parsed.error));
  const { model, stream } = parsed.data;
  const taskId = typeof model === "string" ? model : "";
  const served = servedTasks.get(taskId);
  const offered = validator.offeredTasks.get(taskId);
  const task = offered === undefined ? served?.definition : offered;
  if (served === undefined || task === undefined || task === null || task.family !== family.name) {
    return refuse(
      errorResponse("unknown_task", `This miner does not serve the task ${JSON.stringify(taskId)} at ${family.path}.`, { param: "model" }),
    );
  }
  if (family.countAnswers(parsed.data) > 1) {
    return refuse(errorResponse("invalid_request", "'n' must be 1: a validator asks for every answer on its own.", { param: "n" }));
  }
  const unsupported = family.findUnsupported(parsed.data, task);
  if (unsupported !== null) {
    const { param, message } = unsupported;
    return refuse(errorResponse("invalid_request", `'${param}' ${message}.`, { param }));
  }
  const request = { ...parsed.data, model: served.model ?? task.model };
  return {
    ok: true,
    request: {
      task,
      served,
      family,
      request,
      isStream: family.isStreamable && stream === true,
      maxWorkUnits: family.maxWorkUnits(parsed.data),
    },
  };
}

function refuse(response: MinerResponse): ParsedInferenceRequest {
  return { ok: false, response };
}

function describeIssues(error: z.ZodError): MinerResponse {
  const issues = error.issues.slice(0, 16).map((issue) => `${issue.path.join(".") || "body"}: ${issue.message}`);
  const param = error.issues[0]?.path.join(".");
  return errorResponse(
    "invalid_request",
    `The request is invalid: ${issues.join("; ")}.`,
    param === undefined || param === "" ? {} : { param },
  );
}
