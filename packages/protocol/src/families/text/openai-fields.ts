import { z } from "zod";

// Names, types and ranges as OpenAI's API reference gives them. `max` on text only keeps nonsense out; OpenAI documents no bound there.
const functionName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, _ or -");
const jsonObject = z.record(z.string(), z.unknown());
const shortText = z.string().max(64);

const MOST_BIASES = 1024;
const MOST_METADATA = 16;

/** Whether a value has no more entries than that. Asked first: a schema over 300,000 entries takes the better part of a second. */
const hasAtMost = (value: unknown, most: number) => typeof value !== "object" || value === null || Object.keys(value).length <= most;

const logitBias = z
  .custom<Readonly<Record<string, unknown>>>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value) && hasAtMost(value, MOST_BIASES),
    { error: `must map token ids to biases, at most ${MOST_BIASES}`, abort: true },
  )
  .pipe(z.record(z.string().regex(/^\d{1,7}$/, "must map token ids"), z.number().min(-100).max(100)));

const metadata = z
  .custom<Readonly<Record<string, unknown>>>((value) => hasAtMost(value, MOST_METADATA), {
    error: `must have at most ${MOST_METADATA} entries`,
    abort: true,
  })
  .pipe(z.record(z.string().max(64), z.string().max(512)));

/** Fields that sample text: OpenAI's penalties and `logit_bias`, and the ones that open model servers share (`top_k`, `min_p`...). */
export const samplingFields = {
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: logitBias.nullish(),
  /** 0 and -1 both switch it off, by server. */
  top_k: z.int().min(-1).max(1_000_000).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repetition_penalty: z.number().gt(0).max(10).nullish(),
  min_tokens: z.int().min(0).nullish(),
  ignore_eos: z.boolean().nullish(),
};

const functionSchema = z.looseObject({
  name: functionName,
  description: z.string().max(16_384).nullish(),
  parameters: jsonObject.nullish(),
  strict: z.boolean().nullish(),
});

const toolSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("function"), function: functionSchema }),
  z.looseObject({ type: z.literal("custom"), custom: z.looseObject({ name: functionName }) }),
]);

const toolChoiceSchema = z.union([
  z.enum(["none", "auto", "required"]),
  z.looseObject({ type: z.literal("function"), function: z.looseObject({ name: functionName }) }),
  z.looseObject({ type: z.literal("custom"), custom: z.looseObject({ name: functionName }) }),
  z.looseObject({
    type: z.literal("allowed_tools"),
    allowed_tools: z.looseObject({ mode: z.enum(["auto", "required"]), tools: z.array(jsonObject).max(128) }),
  }),
]);

const responseFormatSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text") }),
  z.looseObject({ type: z.literal("json_object") }),
  z.looseObject({
    type: z.literal("json_schema"),
    json_schema: z.looseObject({
      name: functionName,
      description: z.string().max(16_384).nullish(),
      schema: jsonObject.nullish(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

/**
 * A field that OpenAI had before another one took its place, or that no task can do: refused wherever it asks for something.
 *
 * @param neutral - What asks for nothing besides null, as some clients always send it.
 */
export function notSupported(error: string, neutral: false | 1 | null = null) {
  const isNothing = (value: unknown) => value === null || value === undefined || value === neutral;
  return z
    .unknown()
    .refine(isNothing, { error, params: { code: "unsupported" } })
    .optional();
}

/** Fields of chat requests that are no part of sampling: tools, output format, and what OpenAI keeps beside a request. */
export const chatFields = {
  tools: z.array(toolSchema).max(128).nullish(),
  tool_choice: toolChoiceSchema.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  functions: notSupported("is not supported: use tools"),
  function_call: notSupported("is not supported: use tool_choice"),
  response_format: responseFormatSchema.nullish(),
  metadata: metadata.nullish(),
  store: z.boolean().nullish(),
  modalities: z.array(shortText).max(8).nullish(),
  audio: jsonObject.nullish(),
  prediction: z.looseObject({ type: z.literal("content") }).nullish(),
  reasoning_effort: shortText.nullish(),
  verbosity: shortText.nullish(),
  service_tier: shortText.nullish(),
  safety_identifier: z.string().max(512).nullish(),
  prompt_cache_key: z.string().max(512).nullish(),
  web_search_options: jsonObject.nullish(),
};

/** A call of a tool, as an assistant's message repeats it. */
export const toolCallSchema = z.looseObject({
  id: z.string().max(256),
  type: shortText,
  function: z.looseObject({ name: z.string().max(256), arguments: z.string() }).optional(),
});
