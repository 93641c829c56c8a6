import { z } from "zod";

const text = z.string().nullish();
const callSchema = z.object({ function: z.object({ name: text, arguments: text }).nullish() });
const eventSchema = z.object({
  choices: z.array(z.object({ delta: z.object({ reasoning_content: text, refusal: text, tool_calls: z.array(callSchema).nullish() }) })),
});

/** Measures what a streamed answer says beside its text, for answers whose tokens are not listed. */
export type UnlistedOutput = {
  /** Feeds the data of one event that the family's collector found good. */
  add(data: string): void;
  /** A quarter of the characters, as for text, in tokens. */
  tokens(): number;
};

// Looked for before an event is parsed a second time: nearly none has any.
const HINT = /"(?:tool_calls|reasoning_content|refusal)"/;

/**
 * Counts tool calls, refusals and thoughts. Calls count only where the request offers tools: nobody is paid for calling what was not offered.
 */
export function createUnlistedOutput(request: Readonly<Record<string, unknown>>): UnlistedOutput {
  const hasTools = Array.isArray(request["tools"]) && request["tools"].length > 0;
  let characters = 0;
  return {
    add(data) {
      if (!HINT.test(data)) return;
      const parsed = eventSchema.safeParse(JSON.parse(data));
      const delta = parsed.success ? parsed.data.choices[0]?.delta : undefined;
      if (delta === undefined) return;
      characters += (delta.reasoning_content ?? "").length + (delta.refusal ?? "").length;
      for (const call of hasTools ? (delta.tool_calls ?? []) : []) {
        characters += (call.function?.name ?? "").length + (call.function?.arguments ?? "").length;
      }
    },
    tokens: () => Math.ceil(characters / 4),
  };
}
