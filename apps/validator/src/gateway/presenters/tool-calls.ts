import { z } from "zod";

const partSchema = z.looseObject({
  index: z.int().min(0).max(127),
  id: z.string().max(256).nullish(),
  function: z.looseObject({ name: z.string().max(256).nullish(), arguments: z.string().nullish() }).nullish(),
});

/** A whole tool call, as a body that is not streamed carries it. */
export type ToolCall = {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
};

/** Puts tool calls together from the pieces of a stream. Pieces of another shape are left out. */
export function createToolCallCollector(): { add(parts: unknown): void; list(): readonly ToolCall[] } {
  const calls = new Map<number, { id: string; name: string; arguments: string[] }>();
  return {
    add(parts) {
      for (const part of Array.isArray(parts) ? parts : []) {
        const parsed = partSchema.safeParse(part);
        if (!parsed.success) continue;
        const { index, id, function: called } = parsed.data;
        const call = calls.get(index) ?? { id: "", name: "", arguments: [] };
        call.id ||= id ?? "";
        call.name ||= called?.name ?? "";
        call.arguments.push(called?.arguments ?? "");
        calls.set(index, call);
      }
    },
    list: () =>
      [...calls.entries()]
        .sort(([a], [b]) => a - b)
        .map(([, call]) => ({ id: call.id, type: "function", function: { name: call.name, arguments: call.arguments.join("") } })),
  };
}
