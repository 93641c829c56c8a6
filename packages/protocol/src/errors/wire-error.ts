import { z } from "zod";

/** Error codes that travel between validator and miner, and from the gateway to a user, in OpenAI's error shape. */
export const wireErrorCodes = [
  "invalid_request",
  "unknown_task",
  "unauthenticated",
  "not_permitted",
  "rate_limited",
  "overloaded",
  "incompatible_protocol",
  "backend_failed",
  "not_found",
  "payload_too_large",
  "no_capacity",
  "internal",
] as const;

/** One of {@link wireErrorCodes}. */
export type WireErrorCode = (typeof wireErrorCodes)[number];

const statusByCode: Record<WireErrorCode, number> = {
  invalid_request: 400,
  unknown_task: 404,
  unauthenticated: 401,
  not_permitted: 403,
  rate_limited: 429,
  overloaded: 503,
  incompatible_protocol: 409,
  backend_failed: 502,
  not_found: 404,
  payload_too_large: 413,
  no_capacity: 503,
  internal: 500,
};

const typeByStatus: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "invalid_request_error",
  409: "invalid_request_error",
  413: "invalid_request_error",
  429: "rate_limit_error",
};

/** Body of an error answer, in OpenAI's shape: `{ error: { message, type, code, param } }`. */
export const wireErrorSchema = z.object({
  error: z.looseObject({
    message: z.string().max(4096),
    type: z.string().max(128).nullish(),
    code: z.string().max(128).nullish(),
    param: z.string().max(256).nullish(),
  }),
});

/** An error body that {@link wireErrorSchema} has parsed. */
export type WireErrorBody = z.infer<typeof wireErrorSchema>;

/** HTTP status that a wire error code is sent with. */
export function wireErrorStatus(code: WireErrorCode): number {
  return statusByCode[code];
}

/** Error body for a code. `param` names the offending field, if one is to blame. */
export function createWireError(code: WireErrorCode, message: string, param?: string): WireErrorBody {
  const type = typeByStatus[statusByCode[code]] ?? "server_error";
  return { error: { message, type, code, param: param ?? null } };
}
