import type { ErrorCode } from "./error-codes.js";

const marker = Symbol.for("vision.error");

/** What a {@link VisionError} is made from. */
export type VisionErrorOptions = {
  /** Stable code, documented in docs/reference/errors.md. */
  readonly code: ErrorCode;
  /** One sentence: what went wrong. */
  readonly message: string;
  /** One sentence: what to do next. */
  readonly hint?: string;
  /** Structured facts for logs; no secrets. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
};

/**
 * The error of our own bugs and of unusable environments. A peer's misbehaviour is never thrown, it is returned as a value.
 *
 * Compare with {@link VisionError.isInstance}, which survives two installed copies of this package.
 */
export class VisionError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Page of the documentation that explains the code. */
  readonly docsPath: string;

  constructor(options: VisionErrorOptions) {
    super(options.hint === undefined ? options.message : `${options.message} ${options.hint}`, { cause: options.cause });
    this.name = "VisionError";
    this.code = options.code;
    this.hint = options.hint;
    this.facts = options.facts ?? {};
    this.docsPath = `docs/reference/errors.md#${options.code.toLowerCase()}`;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for a VisionError of any copy of this package. With `code`, only for that code. */
  static isInstance(error: unknown, code?: ErrorCode): error is VisionError {
    if (typeof error !== "object" || error === null || !(marker in error)) return false;
    return code === undefined || (error as { readonly code?: unknown }).code === code;
  }
}
