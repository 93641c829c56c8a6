import type { z } from "zod";

/** An answer of the validator that is an error. */
export class ApiFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ApiFailure";
    this.status = status;
  }
}

/** The sentence in an error body of the API; the status where there is none. */
export async function failureOf(response: Response): Promise<ApiFailure> {
  const text = await response.text().catch(() => "");
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly message?: unknown } };
    if (typeof error?.message === "string") return new ApiFailure(response.status, error.message);
  } catch {
    // No JSON: a proxy's page.
  }
  return new ApiFailure(response.status, `The validator answered ${response.status}.`);
}

/** Reads a public report, or one that a key opens. @throws {@link ApiFailure} */
export async function getJson<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  options: { readonly signal?: AbortSignal; readonly key?: string } = {},
): Promise<z.output<Schema>> {
  const response = await fetch(path, {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    headers: options.key === undefined ? {} : { authorization: `Bearer ${options.key}` },
  });
  if (!response.ok) throw await failureOf(response);
  return schema.parse(await response.json());
}
