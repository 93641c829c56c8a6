import { drawInt, pick, type Random } from "@vision/scoring/probing";
import { countries, names } from "./words.js";

/** What stands for what: the same name is another one everywhere in a conversation, but always the same other one. */
export type Disguise = {
  /** A text with its names, places, numbers and addresses swapped. Nothing else changes, white space included. */
  apply(text: string): string;
  /** A mark of the same shape: digits for digits, letters for letters, all else kept. */
  applyToMark(mark: string): string;
};

/** Given names and countries; numbers of two digits and more; what stands before the @ of an address. */
const SWAPPED = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\p{L}\p{N}_])(?:\p{Lu}\p{Ll}+|\d{2,})(?![\p{L}\p{N}_])/gu;

const known = new Map<string, "name" | "country">([
  ...countries.map((each) => [each, "country"] as const),
  ...names.map((each) => [each, "name"] as const),
]);

/** A number of as many digits, the first of them not 0. */
function drawNumber(random: Random, digits: number): string {
  return Array.from({ length: digits }, (_, index) => drawInt(random, index === 0 ? 1 : 0, 9)).join("");
}

const ALPHABETS = ["0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ"] as const;

/** Another sign of the same alphabet; hexadecimal digits stay such. */
function drawSignLike(random: Random, sign: string): string {
  const alphabet = ALPHABETS.find((each) => each.includes(sign)) ?? sign;
  return alphabet[random.nextInt(alphabet.length)] ?? sign;
}

/** A disguise of its own, drawn as it is needed. */
export function createDisguise(random: Random): Disguise {
  const swaps = new Map<string, string>();
  const drawFor = (found: string): string => {
    const at = found.indexOf("@");
    if (at > 0) return `${pick(random, names).toLowerCase()}${drawNumber(random, 2)}${found.slice(at)}`;
    if (/^\d/.test(found)) return drawNumber(random, found.length);
    const kind = known.get(found);
    if (kind === undefined) return found;
    return pick(random, kind === "name" ? names : countries);
  };
  const swap = (found: string, draw: (found: string) => string) => {
    const swapped = swaps.get(found) ?? draw(found);
    swaps.set(found, swapped);
    return swapped;
  };
  return {
    apply: (text) => text.replaceAll(SWAPPED, (found) => swap(found, drawFor)),
    applyToMark: (mark) => swap(mark, () => mark.replaceAll(/[a-zA-Z0-9]/g, (sign) => drawSignLike(random, sign))),
  };
}

/** Fields whose text a user wrote, on any level: instructions and messages, prompts, what is to be embedded. */
const WRITTEN = new Set(["content", "text", "prompt", "input", "negative_prompt", "arguments"]);

/** Fields by which an application marks its own users and what belongs together. */
const MARKS = new Set(["user", "safety_identifier", "prompt_cache_key", "metadata"]);

/** A request in which every text that a user wrote is disguised, and every mark; the names and values of all other fields are kept. */
export function disguiseRequest(request: Readonly<Record<string, unknown>>, disguise: Disguise): Readonly<Record<string, unknown>> {
  return disguised(request, disguise, "kept") as Readonly<Record<string, unknown>>;
}

type Kind = "kept" | "written" | "mark";

function kindOf(name: string, kind: Kind): Kind {
  if (kind === "mark" || MARKS.has(name)) return "mark";
  return WRITTEN.has(name) ? "written" : "kept";
}

function disguised(value: unknown, disguise: Disguise, kind: Kind): unknown {
  if (typeof value === "string") {
    if (kind === "kept") return value;
    return kind === "mark" ? disguise.applyToMark(value) : disguise.apply(value);
  }
  if (Array.isArray(value)) return value.map((each) => disguised(each, disguise, kind));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, disguised(each, disguise, kindOf(name, kind))]));
}
