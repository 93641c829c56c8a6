import type { z } from "zod";
import { ApiError } from "../api-error.js";
import { describeIssue } from "../describe-issue.js";

/** A body as the schema parses it. @throws {@link ApiError} 400 naming the first offending field. */
export function parseBody<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw new TypeError("a schema refused a body without saying why");
  throw new ApiError({ status: 400, ...describeIssue(issue, body) });
}

/** The error for what cannot be had here, whatever the task. */
export function unsupported(param: string, message: string): ApiError {
  return new ApiError({ status: 400, code: "unsupported", param, message: `'${param}' ${message}.` });
}
