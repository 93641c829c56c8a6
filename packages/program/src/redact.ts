import { VisionError } from "@vision/protocol";

const url = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"<>]+/gi;
// To the last @: a password may hold an @, a slash or a question mark, and too little said is better than a password said.
const credentials = /^([a-z][a-z0-9+.-]*:\/\/).*@/i;
const secretParameter = /([?&;][^=&;#]*(?:key|token|secret|pass|pwd|auth|sig|credential)[^=&;#]*=)[^&;#]*/gi;
// A token that is told by a number is one of a text.
const secretName = /pass(word|phrase)|secret|mnemonic|api[-_]?key|private[-_]?key|authorization|credential|cookie|token$/i;

const MAX_DEPTH = 8;

/** Text with user names, passwords and secret parameters taken out of every URL in it. */
export function redact(text: string): string {
  if (!text.includes("://")) return text;
  return text.replace(url, (found) => found.replace(credentials, "$1").replace(secretParameter, "$1***"));
}

/**
 * Facts as plain JSON for a log line or a terminal, at any depth: text without credentials, text under a secret's name hidden, amounts as
 * text, errors as their message, code, facts and cause.
 */
export function redactFacts(value: unknown, depth = 0): unknown {
  return redactValue(value, { depth, isSecret: false });
}

type Place = {
  readonly depth: number;
  /** Whether it is, or is part of, what has a secret's name. */
  readonly isSecret: boolean;
};

function redactValue(value: unknown, { depth, isSecret }: Place): unknown {
  if (typeof value === "string") return isSecret ? "(hidden)" : redact(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return "(deeper)";
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Map) return redactValue(Object.fromEntries(value), { depth, isSecret });
  if (Array.isArray(value)) return value.map((item) => redactValue(item, { depth: depth + 1, isSecret }));
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      redactValue(item, { depth: depth + 1, isSecret: isSecret || secretName.test(name) }),
    ]),
  );
}

function redactError(error: Error, depth: number): unknown {
  const isKnown = VisionError.isInstance(error);
  return {
    name: error.name,
    message: redact(error.message),
    ...(isKnown ? Object(redactFacts(error.facts, depth + 1)) : {}),
    ...("code" in error ? { code: error.code } : {}),
    // The whole stack only of what nobody foresaw.
    ...(isKnown ? {} : { stack: redact(error.stack ?? "") }),
    ...(error.cause === undefined ? {} : { cause: redactFacts(error.cause, depth + 1) }),
  };
}
