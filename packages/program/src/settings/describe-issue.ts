import type { z } from "zod";

/** A mistake at a place of the configuration. */
export type SettingProblem = {
  readonly path: readonly string[];
  readonly message: string /** Nothing is there. */;
  readonly isMissing?: boolean;
};

/** What a schema says of a value, in words that tell what to write instead. Values are never repeated: one may be a secret. */
export function describeIssue(issue: z.core.$ZodIssue): readonly SettingProblem[] {
  const path = issue.path.map(String);
  const say = (message: string): readonly SettingProblem[] => [{ path, message }];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ path: [...path, key], message: "is not a setting; remove it or correct its name" }));
    case "invalid_key":
      return say(issue.issues.map((nested) => nested.message).join("; "));
    case "invalid_type":
      if (issue.input === undefined) return [{ path, message: "is missing", isMissing: true }];
      return say(`must be ${typeWords[issue.expected] ?? issue.expected}, not ${describeType(issue.input)}`);
    case "invalid_value":
      if (issue.input === undefined) return [{ path, message: "is missing", isMissing: true }];
      return say(`must be ${oneOf(issue.values.map(String))}`);
    case "invalid_union":
      return describeUnion(issue, path);
    case "too_small":
    case "too_big":
      return say(/^Too /.test(issue.message) ? describeBound(issue) : issue.message);
    default:
      return say(issue.message);
  }
}

const typeWords: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "an object",
  record: "an object",
};

function describeType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number") return Number.isInteger(value) ? "a number" : "a fraction";
  return typeof value === "boolean" ? String(value) : (typeWords[typeof value] ?? typeof value);
}

function describeUnion(issue: z.core.$ZodIssueInvalidUnion, path: readonly string[]): readonly SettingProblem[] {
  if (issue.discriminator !== undefined) {
    const options = "options" in issue && Array.isArray(issue.options) ? oneOf(issue.options.map(String)) : "another";
    return [{ path, message: `must be ${options}` }];
  }
  const branches = issue.errors.map((errors) => errors.map((nested) => nested as z.core.$ZodIssue));
  const isOfType = (nested: readonly z.core.$ZodIssue[]) => nested.some(({ code, path }) => code !== "invalid_type" || path.length > 0);
  const nearest = branches.find(isOfType);
  if (nearest !== undefined) return nearest.flatMap(describeIssue).map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
  if (issue.input === undefined) return [{ path, message: "is missing", isMissing: true }];
  const expected = branches.flatMap((nested) =>
    nested.flatMap((each) => (each.code === "invalid_type" ? [typeWords[each.expected] ?? each.expected] : [])),
  );
  return [{ path, message: `must be ${oneOf(expected)}, not ${describeType(issue.input)}` }];
}

function describeBound(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const isLeast = issue.code === "too_small";
  const bound = isLeast ? issue.minimum : issue.maximum;
  if (issue.origin === "string")
    return isLeast && bound === 1 ? "must not be empty" : `must have at ${isLeast ? "least" : "most"} ${bound} characters`;
  if (issue.origin === "array" || issue.origin === "tuple")
    return `must have at ${isLeast ? "least" : "most"} ${bound} ${bound === 1 ? "entry" : "entries"}`;
  if (issue.inclusive === false) return `must be ${isLeast ? "above" : "below"} ${bound}`;
  return `must be at ${isLeast ? "least" : "most"} ${bound}`;
}

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
