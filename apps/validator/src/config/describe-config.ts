import { redact } from "./redact.js";
import type { ValidatorConfig } from "./schema.js";

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return redact(value);
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  return value;
}

/** The configuration as it is in force, for printing: plain JSON, without keys and without credentials in URLs. */
export function describeConfig(config: ValidatorConfig): unknown {
  return plain({ ...config, hotkey: { ...config.hotkey, ...(config.hotkey.uri === undefined ? {} : { uri: "(hidden)" }) } });
}
