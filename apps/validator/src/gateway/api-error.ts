import { VisionError, type WireErrorBody } from "@vision/protocol";

/** What an {@link ApiError} is made from. */
export type ApiErrorOptions = {
  readonly status: number;
  readonly message: string;
  /** OpenAI's stable name of the error, e.g. `model_not_found`. */
  readonly code: string;
  /** OpenAI's name of its kind; by the status if left out. */
  readonly type?: string;
  /** The offending field of the body. */
  readonly param?: string | null;
  /** Sent as Retry-After, whole seconds. */
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

const typeByStatus: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "invalid_request_error", // as OpenAI does; its clients tell it by the status
  403: "permission_error",
  404: "invalid_request_error",
  405: "invalid_request_error",
  408: "invalid_request_error",
  413: "invalid_request_error",
  415: "invalid_request_error",
  431: "invalid_request_error",
  429: "rate_limit_error",
};

/** An answer to a user that is an error; thrown inside the gateway and sent in OpenAI's shape. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: WireErrorBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(options: ApiErrorOptions) {
    super(options.message);
    this.name = "ApiError";
    this.status = options.status;
    const retryAfter = options.retryAfterSeconds === undefined ? {} : { "retry-after": String(options.retryAfterSeconds) };
    this.headers = { ...options.headers, ...retryAfter };
    this.body = {
      error: {
        message: options.message,
        type: options.type ?? typeByStatus[options.status] ?? "server_error",
        code: options.code,
        param: options.param ?? null,
      },
    };
  }
}

/** The refusal of whoever asks too often, with the time to wait: 429 `rate_limit_exceeded`. */
export function tooManyRequests(message: string, retryAfterMs: number, headers: Readonly<Record<string, string>> = {}): ApiError {
  const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return new ApiError({ status: 429, code: "rate_limit_exceeded", message, retryAfterSeconds, headers });
}

/** The error for whatever was thrown: itself, one of the HTTP server's, a database that is away, or a 500 that tells nothing of the inside. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (VisionError.isInstance(error, "STORE_UNREACHABLE")) {
    const message = "The server's database does not answer. Try again shortly.";
    return new ApiError({ status: 503, code: "overloaded", message, retryAfterSeconds: 5 });
  }
  const status = typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : null;
  switch (status) {
    case 400:
      return new ApiError({ status, code: "invalid_json", message: "The body is not valid JSON." });
    case 413:
      return new ApiError({ status, code: "payload_too_large", message: "The body is too large." });
    case 415:
      return new ApiError({ status, code: "unsupported_media_type", message: "Send the body as application/json." });
    default:
      return new ApiError({ status: 500, code: "internal", message: "The server had an error. Try again." });
  }
}
