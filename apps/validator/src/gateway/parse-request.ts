import type { RequestBody, Task, TaskFamily } from "@vision/protocol";
import { z } from "zod";
import { parseBody, unsupported } from "./endpoints/parse-body.js";

const modelSchema = z.looseObject({ model: z.string().min(1).max(256) });

/** The model that a body asks for. @throws {@link ApiError} 400. */
export function parseModel(body: unknown): string {
  return parseBody(modelSchema, body).model;
}

/**
 * A body as the family's schema parses it, and within what the task offers. What a miner would have to refuse, or could only ignore, is
 * refused here, so that no miner is blamed for a user's mistake.
 *
 * @throws {@link ApiError} 400 naming the first offending field; `unsupported` for what the task cannot do.
 */
export function parseRequest(body: unknown, { family, task }: { readonly family: TaskFamily; readonly task: Task }): RequestBody {
  const request = parseBody(family.requestSchema, body);
  const missing = family.findUnsupported(request, task);
  if (missing === null) return request;
  throw unsupported(missing.param, missing.message);
}
