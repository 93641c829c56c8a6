import type { WireErrorBody } from "@vision/protocol";

const typeByCode: Readonly<Record<string, string>> = {
  invalid_api_key: "authentication_error",
  insufficient_quota: "billing_error",
  model_not_found: "not_found_error",
  payload_too_large: "request_too_large",
  no_capacity: "overloaded_error",
  overloaded: "overloaded_error",
};
const typeByType: Readonly<Record<string, string>> = {
  invalid_request_error: "invalid_request_error",
  permission_error: "permission_error",
  rate_limit_error: "rate_limit_error",
};

/** An error as Anthropic's API writes it. */
export function toMessagesError({ error }: WireErrorBody) {
  const type = typeByCode[error.code ?? ""] ?? typeByType[error.type ?? ""] ?? "api_error";
  return { type: "error", error: { type, message: error.message } } as const;
}
