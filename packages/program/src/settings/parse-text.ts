import type { SettingKind } from "./list-settings.js";

/** What a text stands for, or what it must be. The text is never repeated: it may be a secret. */
export type ParsedText = { readonly value: unknown } | { readonly problem: string };

/** Reads a setting's value as the environment and flags have it. */
export function parseText(kind: SettingKind, text: string): ParsedText {
  switch (kind) {
    case "text":
      return { value: text };
    case "number":
      return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? { value: Number(text) } : { problem: "must be a number" };
    case "boolean": {
      const word = text.trim().toLowerCase();
      if (["true", "1", "yes", "on"].includes(word)) return { value: true };
      return ["false", "0", "no", "off"].includes(word) ? { value: false } : { problem: "must be true or false" };
    }
    case "list":
      return { value: text.split(",").map((part) => part.trim()) };
    case "json":
      return parseJson(text);
  }
}

/** Reads JSON, or says where it stops being any. A mark of the order of bytes, which some editors put in front, is no part of it. */
export function parseJson(given: string): ParsedText {
  const text = given.replace(/^\uFEFF/, "");
  if (text.includes("\0")) return { problem: "is no text in UTF-8; save it as that" };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    // The engine's own message quotes what is there, which may be a secret.
    const position = /at position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
    if (position === undefined) return { problem: "is not JSON" };
    const before = text.slice(0, Number(position)).split("\n");
    return { problem: `is not JSON, from line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1} on` };
  }
}
