import { VisionError } from "@vision/protocol";
import type { z } from "zod";

/**
 * Options that a caller passed, with their defaults. Programs in plain JavaScript have no compiler, so every entry checks its own.
 *
 * @param caller - The function's name, for the message.
 * @throws {@link VisionError} `SDK_INVALID_OPTIONS` naming every mistake at once, unknown names included.
 */
export function parseOptions<Options>(caller: string, schema: z.ZodType<Options>, options: unknown): Options {
  const parsed = safeParseOptions(schema, options);
  if (parsed.ok) return parsed.options;
  throw invalidOptions(caller, parsed.mistakes);
}

/** Options with their defaults, or every mistake in them. */
export function safeParseOptions<Options>(
  schema: z.ZodType<Options>,
  options: unknown,
): { readonly ok: true; readonly options: Options } | { readonly ok: false; readonly mistakes: readonly string[] } {
  const parsed = schema.safeParse(options);
  return parsed.success ? { ok: true, options: parsed.data } : { ok: false, mistakes: parsed.error.issues.map(describeIssue) };
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  return `${path.length === 0 ? "options" : path.map(String).join(".")}: ${message}`;
}

/** The error for options with these mistakes. */
export function invalidOptions(caller: string, mistakes: readonly string[]): VisionError {
  return new VisionError({
    code: "SDK_INVALID_OPTIONS",
    message: `The options of ${caller} have mistakes: ${mistakes.join("; ")}.`,
    facts: { mistakes },
  });
}
