import type { ToolCallPart } from "../answer.js";
import { asFields, isMissing, isName } from "./read-fields.js";

const MOST_CALLS = 128;

type OpenCall = { readonly wireIndex: number | null; readonly index: number; id: string | null; name: string | null; text: string };

/** Tells the calls of one answer apart. */
export type ToolCallReader = {
  /** The pieces of calls that a delta or message lists, or null when the list is none. */
  read(value: unknown): readonly ToolCallPart[] | null;
  hasCalls(): boolean;
};

/**
 * Reader of tool calls. Servers differ: some number parallel calls all 0 and tell them apart by id only, some leave out the number, some
 * the id. A piece begins a call when its id is another one, or when it names a function where nothing goes on.
 */
export function createToolCallReader(): ToolCallReader {
  const calls: OpenCall[] = [];

  const continued = (wireIndex: number | null, id: string | null, name: string | null): OpenCall | null => {
    let last = calls.at(-1) ?? null;
    if (wireIndex !== null) {
      for (const call of calls) if (call.wireIndex === wireIndex) last = call;
      if (last?.wireIndex !== wireIndex) return null;
    }
    if (last === null) return null;
    if (id !== null && last.id !== null) return id === last.id ? last : null;
    if (name === null || last.name === null) return last;
    // A name again, and no id to tell by: with a number it may be the same call's, said again.
    return wireIndex !== null && name === last.name && !isWholeJson(last.text) ? last : null;
  };

  const readCall = (value: unknown): ToolCallPart | null => {
    const fields = asFields(value);
    const called = isMissing(fields?.["function"]) ? {} : asFields(fields["function"]);
    if (fields === null || called === null) return null;
    const { index } = fields;
    const { name } = called;
    // Some servers number their calls, and some send arguments as the object itself.
    const id = Number.isInteger(fields["id"]) ? String(fields["id"]) : fields["id"];
    const text = asText(called["arguments"]);
    if (!isMissing(index) && !(Number.isInteger(index) && Number(index) >= 0 && Number(index) < MOST_CALLS)) return null;
    if (!(isMissing(id) || isName(id)) || !(isMissing(name) || isName(name))) return null;
    if (!isMissing(text) && typeof text !== "string") return null;
    const wireIndex = isMissing(index) ? null : Number(index);
    const ownId = isMissing(id) || id === "" ? null : id;
    const ownName = isMissing(name) || name === "" ? null : name;
    const open = continued(wireIndex, ownId, ownName);
    const call = open ?? { wireIndex, index: calls.length, id: null, name: null, text: "" };
    if (open === null) calls.push(call);
    const part = {
      index: call.index,
      isNew: open === null,
      id: call.id === null ? ownId : null,
      name: call.name === null ? ownName : null,
      arguments: text ?? "",
    };
    call.id ??= ownId;
    call.name ??= ownName;
    call.text += part.arguments;
    return part;
  };

  return {
    read(value) {
      if (!Array.isArray(value) || value.length > MOST_CALLS) return null;
      const parts: ToolCallPart[] = [];
      for (const each of value) {
        const part = readCall(each);
        if (part === null || calls.length > MOST_CALLS) return null;
        parts.push(part);
      }
      return parts;
    },
    hasCalls: () => calls.length > 0,
  };
}

function asText(value: unknown): unknown {
  return asFields(value) === null ? value : JSON.stringify(value);
}

function isWholeJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
