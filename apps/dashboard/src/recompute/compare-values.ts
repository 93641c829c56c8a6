/** One number (or text) that is not what was published. */
export type Difference = {
  /** Where it is, as `miners[alice].tasks[chat-tiny].quality`. */
  readonly path: string;
  readonly published: unknown;
  readonly computed: unknown;
};

/** What a comparison found. */
export type Comparison = {
  /** Values compared: numbers, texts, flags. */
  readonly compared: number;
  readonly differing: number;
  /** The first of them. */
  readonly differences: readonly Difference[];
};

const SHOWN = 100;
/** Fields by which an entry of a list is called, in order of choice. */
const names = ["taskId", "hotkey", "period"] as const;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** What tells an entry from its siblings; its place where nothing does. */
function nameOf(entry: unknown, index: number, siblings: readonly unknown[]): string {
  if (!isObject(entry)) return String(index);
  const name = names.find((field) => {
    const values = siblings.map((sibling) => (isObject(sibling) ? sibling[field] : undefined));
    return entry[field] !== undefined && new Set(values).size === siblings.length;
  });
  return name === undefined ? String(index) : String(entry[name]);
}

/**
 * Compares two values of JSON in depth, numbers to the last bit.
 *
 * @param computed - Plain data without cycles.
 */
export function compareValues(published: unknown, computed: unknown): Comparison {
  const differences: Difference[] = [];
  let compared = 0;
  let differing = 0;

  const differ = (path: string, one: unknown, other: unknown) => {
    differing += 1;
    if (differences.length < SHOWN) differences.push({ path, published: one, computed: other });
  };
  const visit = (path: string, one: unknown, other: unknown): void => {
    if (Array.isArray(one) && Array.isArray(other)) {
      if (one.length !== other.length) differ(`${path}.length`, one.length, other.length);
      for (let index = 0; index < Math.min(one.length, other.length); index += 1) {
        visit(`${path}[${nameOf(one[index], index, one)}]`, one[index], other[index]);
      }
    } else if (isObject(one) && isObject(other)) {
      for (const field of new Set([...Object.keys(one), ...Object.keys(other)])) {
        visit(path === "" ? field : `${path}.${field}`, one[field], other[field]);
      }
    } else {
      compared += 1;
      if (!Object.is(one, other)) differ(path, one, other);
    }
  };
  visit("", published, computed);
  return { compared, differing, differences };
}
