import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** A mistake in a request as OpenAI tells it. */
export type DescribedIssue = { readonly code: string; readonly param: string | null; readonly message: string };

const expectedNames: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a decimal",
  int: "an integer",
  boolean: "a boolean",
  array: "an array",
  object: "an object",
  record: "an object",
  null: "null",
};

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number" && !Number.isFinite(value)) return "a number that is too large";
  if (typeof value === "number") return Number.isInteger(value) ? "an integer" : "a decimal";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** `messages[0].content`. */
function nameOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === "number") return `${name}[${part}]`;
    return name === "" ? String(part) : `${name}.${String(part)}`;
  }, "");
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === "object" && value !== null ? (value as Readonly<Record<PropertyKey, unknown>>)[part] : undefined),
    body,
  );
}

function sizeIssue(issue: Extract<Issue, { code: "too_big" | "too_small" }>, name: string, value: unknown) {
  const isBig = issue.code === "too_big";
  const bound = String(isBig ? issue.maximum : issue.minimum);
  const side = isBig ? "above_max" : "below_min";
  if (typeof value === "number") {
    const kind = Number.isInteger(value) ? "integer" : "decimal";
    const sign = `${isBig ? "<" : ">"}${issue.inclusive === false ? "" : "="}`;
    return {
      code: `${kind}_${side}_value`,
      message: `Invalid '${name}': ${kind} ${isBig ? "above maximum" : "below minimum"} value. Expected a value ${sign} ${bound}, but got ${value} instead.`,
    };
  }
  const kind = typeof value === "string" ? "string" : "array";
  const [what, length] = kind === "string" ? ["a string", String(value).length] : ["an array", Array.isArray(value) ? value.length : 0];
  const got = length === 0 ? `an empty ${kind}` : `${what} with length ${length}`;
  return {
    code: length === 0 ? `empty_${kind}` : `${kind}_${side}_length`,
    message: `Invalid '${name}': ${length === 0 ? `empty ${kind}` : `${kind} too ${isBig ? "long" : "short"}`}. Expected ${what} with ${isBig ? "maximum" : "minimum"} length ${bound}, but got ${got} instead.`,
  };
}

/**
 * The types that a value could have had, if its type is all that is wrong with it; else the mistake of the form that it came closest to,
 * or null where it came close to none.
 */
function unionIssue(issue: Extract<Issue, { code: "invalid_union" }>): readonly string[] | Issue | null {
  const first = issue.errors.flatMap(([error]) => (error === undefined ? [] : [error]));
  const types = first.flatMap((error) => (error.code === "invalid_type" && error.path.length === 0 ? [error.expected as string] : []));
  if (types.length === first.length) return types;
  const [closest] = first
    .filter((error) => error.code !== "invalid_type" || error.path.length > 0)
    .sort((a, b) => b.path.length - a.path.length);
  return closest === undefined ? null : ({ ...closest, path: [...issue.path, ...closest.path] } as Issue);
}

function valueIssue(name: string, value: unknown, choices: readonly unknown[]): DescribedIssue {
  if (value === undefined) return { param: name, code: "missing_required_parameter", message: `Missing required parameter: '${name}'.` };
  // What may be left out is no value to send.
  const supported = choices
    .filter((each) => each !== undefined && each !== null)
    .map((each) => `'${String(each)}'`)
    .join(", ");
  const isShort = typeof value === "boolean" || typeof value === "number";
  const shown = typeof value === "string" ? value.slice(0, 100) : isShort ? String(value) : typeOf(value);
  return { param: name, code: "invalid_value", message: `Invalid value: '${shown}'. Supported values are: ${supported}.` };
}

/** A mistake that a schema found in a body, in OpenAI's words. */
export function describeIssue(issue: Issue, body: unknown): DescribedIssue {
  const name = nameOf(issue.path);
  if (name === "") return { code: "invalid_request", param: null, message: "The body is not valid: it must be a JSON object." };
  const value = valueAt(body, issue.path);
  const wrongType = (expected: readonly string[]) => {
    if (value === undefined) return { code: "missing_required_parameter", message: `Missing required parameter: '${name}'.` };
    const names = [...new Set(expected.map((type) => expectedNames[type] ?? type))];
    const wanted = names.length > 1 ? `one of ${names.slice(0, -1).join(", ")} or ${names.at(-1)}` : names.join("");
    return { code: "invalid_type", message: `Invalid type for '${name}': expected ${wanted}, but got ${typeOf(value)} instead.` };
  };
  switch (issue.code) {
    case "invalid_type":
      return { param: name, ...wrongType([issue.expected]) };
    case "invalid_union": {
      // A name that tells the forms of an object apart, and is none of them.
      if (issue.errors.length === 0) return valueIssue(name, value, "options" in issue ? (issue.options ?? []) : []);
      const found = unionIssue(issue);
      if (found === null) break;
      return "code" in found ? describeIssue(found, body) : { param: name, ...wrongType(found) };
    }
    case "invalid_value":
      return valueIssue(name, value, issue.values);
    case "invalid_key": {
      const [inner = issue] = issue.issues;
      return { param: name, code: "invalid_value", message: `Invalid value for '${name}': ${inner.message}.` };
    }
    case "custom":
      if (issue.params?.["code"] !== "unsupported") break;
      return { param: name, code: "unsupported", message: `'${name}' ${issue.message}.` };
    case "too_big":
    case "too_small":
      return { param: name, ...sizeIssue(issue, name, value) };
    default:
      break;
  }
  if (value === undefined) return { param: name, ...wrongType([]) };
  return { param: name, code: "invalid_value", message: `Invalid value for '${name}': ${issue.message.replace(/\.$/, "")}.` };
}
