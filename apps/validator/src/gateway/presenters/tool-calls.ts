import type { Delta } from "./answer-fields.js";

/** A whole tool call, as a body that is not streamed carries it. */
export type ToolCall = {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
};

/** Tool calls of a delta as users are shown them; servers that leave the index out mean the order. Null without any. */
export function presentToolCalls(parts: Delta["tool_calls"]): readonly unknown[] | null {
  if (parts === null || parts === undefined || parts.length === 0) return null;
  return parts.map(({ index, id, function: called }, position) => ({
    index: index ?? position,
    ...(id === null || id === undefined ? {} : { id, type: "function" }),
    function: {
      ...(called?.name === null || called?.name === undefined ? {} : { name: called.name }),
      arguments: called?.arguments ?? "",
    },
  }));
}

/** Puts tool calls together from the pieces of a stream. */
export function createToolCallCollector(): { add(parts: Delta["tool_calls"]): void; list(): readonly ToolCall[] } {
  const calls = new Map<number, { id: string; name: string; arguments: string[] }>();
  return {
    add(parts) {
      for (const [position, { index, id, function: called }] of (parts ?? []).entries()) {
        const key = index ?? position;
        const call = calls.get(key) ?? { id: "", name: "", arguments: [] };
        call.id ||= id ?? "";
        call.name ||= called?.name ?? "";
        call.arguments.push(called?.arguments ?? "");
        calls.set(key, call);
      }
    },
    list: () =>
      [...calls.entries()]
        .sort(([a], [b]) => a - b)
        .map(([, call]) => ({ id: call.id, type: "function", function: { name: call.name, arguments: call.arguments.join("") } })),
  };
}
