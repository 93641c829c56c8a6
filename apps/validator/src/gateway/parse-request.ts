import type { RequestBody, Task, TaskFamily } from "@vision/protocol";
import { z } from "zod";
import { ApiError } from "./api-error.js";
import { describeIssue } from "./describe-issue.js";

const modelSchema = z.looseObject({ model: z.string().min(1).max(256) });

function refuse({ issues: [issue] }: z.core.$ZodError, body: unknown): never {
  if (issue === undefined) throw new TypeError("a schema refused a body without saying why");
  throw new ApiError({ status: 400, ...describeIssue(issue, body) });
}

/** The model that a body asks for. @throws {@link ApiError} 400. */
export function parseModel(body: unknown): string {
  const parsed = modelSchema.safeParse(body);
  return parsed.success ? parsed.data.model : refuse(parsed.error, body);
}

/**
 * A body as the family's schema parses it, and within what the task offers. What a miner would have to refuse, or could only ignore, is
 * refused here, so that no miner is blamed for a user's mistake.
 *
 * @throws {@link ApiError} 400 naming the first offending field; `unsupported` for what the task cannot do.
 */
export function parseRequest(body: unknown, { family, task }: { readonly family: TaskFamily; readonly task: Task }): RequestBody {
  const parsed = family.requestSchema.safeParse(body);
  if (!parsed.success) return refuse(parsed.error, body);
  const unsupported = family.findUnsupported(parsed.data, task);
  if (unsupported === null) return parsed.data;
  const { param, message } = unsupported;
  throw new ApiError({ status: 400, code: "unsupported", param, message: `'${param}' ${message}.` });
}
