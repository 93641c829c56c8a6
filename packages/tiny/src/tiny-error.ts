const marker = Symbol.for("vision.tiny-error");

/**
 * Stable codes. `TINY_INVALID_MODEL`: a model file is damaged or of an unsupported kind. `TINY_INVALID_INPUT`: a prompt or an option is
 * out of its bounds. `TINY_WORKER_FAILED`: the worker thread could not start, died, or was closed.
 */
export type TinyErrorCode = "TINY_INVALID_MODEL" | "TINY_INVALID_INPUT" | "TINY_WORKER_FAILED";

/** What a {@link TinyError} is made from. */
export type TinyErrorOptions = {
  readonly code: TinyErrorCode;
  /** One or two sentences: what went wrong, what to do next. */
  readonly message: string;
  /** Structured facts for logs; no prompts. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
};

/**
 * Every error that this package throws on purpose. Shaped like the `VisionError` of the protocol package, which this one cannot import:
 * it has no dependencies.
 *
 * Compare with {@link TinyError.isInstance}, which survives two installed copies of this package.
 */
export class TinyError extends Error {
  /** Stable; see the documentation of each code. */
  readonly code: TinyErrorCode;
  /** Structured facts for logs; no prompts. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(options: TinyErrorOptions) {
    super(options.message, { cause: options.cause });
    this.name = "TinyError";
    this.code = options.code;
    this.facts = options.facts ?? {};
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for a TinyError of any copy of this package. With `code`, only for that code. */
  static isInstance(error: unknown, code?: TinyErrorCode): error is TinyError {
    if (typeof error !== "object" || error === null || !(marker in error)) return false;
    return code === undefined || (error as { readonly code?: unknown }).code === code;
  }
}

/** A `TINY_INVALID_MODEL` error. */
export function invalidModel(message: string, facts: Readonly<Record<string, unknown>> = {}): TinyError {
  return new TinyError({ code: "TINY_INVALID_MODEL", message, facts });
}

/** A `TINY_INVALID_INPUT` error. */
export function invalidInput(message: string, facts: Readonly<Record<string, unknown>> = {}): TinyError {
  return new TinyError({ code: "TINY_INVALID_INPUT", message, facts });
}
