import { z } from "zod";
import { UnusableAnswerError } from "../../exchange/unusable-answer-error.js";

// Schemas that leave out whatever they do not name: nothing else of a miner's event reaches a user.

const text = z.string().nullish();

const toolCallPartSchema = z.object({
  index: z.int().min(0).max(127).nullish(),
  id: z.string().max(256).nullish(),
  function: z.object({ name: z.string().max(256).nullish(), arguments: text }).nullish(),
});

/** A chat delta, with the fields that users are shown. */
export const deltaSchema = z.object({
  role: text,
  content: text,
  refusal: text,
  reasoning_content: text,
  tool_calls: z.array(toolCallPartSchema).max(128).nullish(),
});

/** Parsed fields of a chat delta. */
export type Delta = z.infer<typeof deltaSchema>;

const LONGEST_TOKEN = 4096;

// One loop over the numbers: a schema for each costs a hundred times as much, for twenty alternatives of every token.
const bytesSchema = z.custom<readonly number[]>(
  (value) =>
    Array.isArray(value) &&
    value.length <= LONGEST_TOKEN &&
    value.every((byte: unknown) => Number.isInteger(byte) && Number(byte) >= 0 && Number(byte) <= 255),
  { error: "not a list of bytes" },
);

const alternativeSchema = z.object({ token: z.string().max(LONGEST_TOKEN), logprob: z.number(), bytes: bytesSchema.nullish() });

/** Most alternatives of a token: what a request may ask for, and the drawn token beside them. */
const MOST_ALTERNATIVES = 22;

/** A chat answer's token with its alternatives. */
export const tokenLogprobSchema = alternativeSchema.extend({ top_logprobs: z.array(alternativeSchema).max(MOST_ALTERNATIVES).nullish() });

/** Parsed logprob of a chat answer's token. */
export type TokenLogprob = z.infer<typeof tokenLogprobSchema>;

/** Alternatives of a completion's tokens: logprob by text. */
export const completionAlternativesSchema = z
  .array(
    z
      .record(z.string().max(LONGEST_TOKEN), z.number())
      .refine((entry) => Object.keys(entry).length <= MOST_ALTERNATIVES)
      .nullable(),
  )
  .nullish();

/** What a schema leaves of a part of an answer. @throws {@link UnusableAnswerError} for a part of another shape. */
export function parseAnswerPart<Part>(schema: z.ZodType<Part>, part: unknown, name: string): Part {
  const parsed = schema.safeParse(part);
  if (parsed.success) return parsed.data;
  throw new UnusableAnswerError(`${name} of the answer is not valid: ${z.prettifyError(parsed.error).slice(0, 300)}`);
}

const finishReasons: ReadonlySet<string> = new Set(["stop", "length", "content_filter", "tool_calls"]);

/** A finish reason as OpenAI has it; `stop` for any other word of a miner's. */
export function presentFinishReason(reason: string | null | undefined): string | null {
  if (reason === null || reason === undefined) return null;
  return finishReasons.has(reason) ? reason : "stop";
}
