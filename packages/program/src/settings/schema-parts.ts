import { z } from "zod";

/** A schema by what values it holds, without what stands around it. */
export type SchemaParts =
  | { readonly kind: "object"; readonly shape: Readonly<Record<string, z.core.$ZodType>> }
  | { readonly kind: "map"; readonly value: z.core.$ZodType }
  | { readonly kind: "list"; readonly element: z.core.$ZodType }
  | { readonly kind: "choice"; readonly discriminator: string; readonly options: readonly z.core.$ZodType[] }
  | { readonly kind: "boolean" | "number" | "text" | "other" };

/** What a schema is made of, behind its defaults and transforms. */
export function partsOf(schema: z.core.$ZodType): SchemaParts {
  const { inner } = unwrap(schema);
  if (inner instanceof z.ZodObject) return { kind: "object", shape: inner.shape };
  if (inner instanceof z.ZodRecord) return { kind: "map", value: inner.valueType };
  if (inner instanceof z.ZodArray) return { kind: "list", element: inner.element };
  if (inner instanceof z.ZodDiscriminatedUnion) {
    return { kind: "choice", discriminator: inner.def.discriminator, options: inner.options };
  }
  switch (inner._zod.def.type) {
    case "boolean":
    case "number":
      return { kind: inner._zod.def.type };
    case "string":
    case "enum":
    case "union":
      return { kind: "text" };
    default:
      return { kind: "other" };
  }
}

/** What stands around a schema: its default, and whether what is read is made into something else. */
export type Unwrapped = { readonly inner: z.core.$ZodType; readonly defaultValue: unknown; readonly isTransformed: boolean };

/** The schema that defaults, `optional` and transforms stand around. */
export function unwrap(schema: z.core.$ZodType): Unwrapped {
  let inner = schema;
  let defaultValue: unknown;
  let isTransformed = false;
  for (;;) {
    if (inner instanceof z.ZodDefault) defaultValue ??= inner.def.defaultValue;
    if (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) inner = inner.def.innerType;
    else if (inner instanceof z.ZodPipe) {
      inner = inner.def.in;
      isTransformed = true;
    } else return { inner, defaultValue, isTransformed };
  }
}

/** The option of a choice that a value is of; undefined when it is of none. */
export function chosenOption(
  parts: Extract<SchemaParts, { readonly kind: "choice" }>,
  value: Readonly<Record<string, unknown>>,
): z.core.$ZodType | undefined {
  return parts.options.find((option) => {
    const optionParts = partsOf(option);
    const literal = optionParts.kind === "object" ? optionParts.shape[parts.discriminator] : undefined;
    return literal !== undefined && z.core.safeParse(literal, value[parts.discriminator]).success;
  });
}

/** True for a plain object, as JSON has them. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
