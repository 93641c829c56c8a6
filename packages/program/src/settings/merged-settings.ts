import { isRecord } from "./schema-parts.js";

/** Settings of several sources in one, and where each came from. */
export type MergedSettings = {
  readonly value: () => unknown;
  /** The value at a place; undefined when there is none. */
  get(path: readonly string[]): unknown;
  /** Puts a value, or an object's names one by one. Later ones win. */
  put(path: readonly string[], value: unknown, options: { readonly origin: string; readonly isSection?: boolean }): void;
  remove(path: readonly string[]): void;
  /** Changes the whole, which stays from where it was. */
  change(apply: (value: unknown) => unknown): void;
  /** Where the value at a place came from; undefined when nothing is there. */
  originOf(path: readonly string[]): string | undefined;
};

/** Starts with what a file holds. */
export function createMergedSettings(file: unknown, fileOrigin: string | undefined): MergedSettings {
  let value: unknown = file;
  const origins = new Map<string, string>(fileOrigin === undefined ? [] : [["", fileOrigin]]);
  const get = (path: readonly string[]) =>
    path.reduce<unknown>((at, name) => (typeof at === "object" && at !== null ? Reflect.get(at, name) : undefined), value);

  return {
    value: () => value,
    get,
    put(path, next, { origin, isSection = false }) {
      if (isSection && isRecord(next)) {
        for (const [name, item] of Object.entries(next)) this.put([...path, name], item, { origin });
        return;
      }
      value = replace(value, path, next);
      const key = path.join(".");
      for (const known of origins.keys()) if (known.startsWith(`${key}.`)) origins.delete(known);
      origins.set(key, origin);
    },
    remove(path) {
      value = replace(value, path, undefined);
    },
    change(apply) {
      value = apply(value);
    },
    originOf(path) {
      if (get(path) === undefined) return undefined;
      for (let length = path.length; length >= 0; length -= 1) {
        const origin = origins.get(path.slice(0, length).join("."));
        if (origin !== undefined) return origin;
      }
      return undefined;
    },
  };
}

function replace(target: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const { [name]: present, ...others } = isRecord(target) ? target : {};
  const next = replace(present, rest, value);
  return next === undefined ? others : { ...others, [name]: next };
}
