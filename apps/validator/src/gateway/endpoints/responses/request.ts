import { protocolLimits } from "@vision/protocol";
import { z } from "zod";

// Names, types and ranges as OpenAI's API reference gives them. What the chat family knows under the same name is left to its schema.
const text = z.string().max(protocolLimits.contentCharacters);
const name = z.string().max(256);

const partSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.enum(["input_text", "output_text", "text"]), text }),
  z.looseObject({ type: z.literal("refusal"), refusal: text }),
  z.looseObject({ type: z.literal("input_image"), image_url: z.string(), detail: z.string().max(64).nullish() }),
]);

const contentSchema = z.union([text, z.array(partSchema).max(256)]);

const messageSchema = z.looseObject({
  type: z.literal("message").optional(),
  role: z.enum(["user", "assistant", "system", "developer"]),
  content: contentSchema,
});
const callSchema = z.looseObject({ type: z.literal("function_call"), call_id: name, name, arguments: text });
const outputSchema = z.looseObject({ type: z.literal("function_call_output"), call_id: name, output: contentSchema });
const thoughtSchema = z.looseObject({ type: z.literal("reasoning") });

const toolSchema = z.looseObject({
  type: z.literal("function"),
  name,
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});

const toolChoiceSchema = z.union([
  z.enum(["none", "auto", "required"]),
  z.looseObject({ type: z.literal("function"), name }),
  z.looseObject({
    type: z.literal("allowed_tools"),
    mode: z.enum(["auto", "required"]),
    tools: z.array(z.looseObject({ type: z.literal("function"), name })).max(128),
  }),
]);

const formatSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.enum(["text", "json_object"]) }),
  z.looseObject({
    type: z.literal("json_schema"),
    name,
    schema: z.record(z.string(), z.unknown()),
    description: z.string().nullish(),
    strict: z.boolean().nullish(),
  }),
]);

/** What `include` may ask for; nothing else of an answer is kept back. */
export const includable = ["message.output_text.logprobs", "reasoning.encrypted_content"] as const;

/** Body of `POST /v1/responses`. Unknown fields pass through. */
export const responsesRequestSchema = z.looseObject({
  model: z.string().min(1).max(256),
  input: z.union([
    text,
    z.array(z.discriminatedUnion("type", [messageSchema, callSchema, outputSchema, thoughtSchema])).max(protocolLimits.messages),
  ]),
  instructions: text.nullish(),
  max_output_tokens: z.int().min(1).max(protocolLimits.outputTokens).nullish(),
  tools: z.array(toolSchema).max(128).nullish(),
  tool_choice: toolChoiceSchema.nullish(),
  text: z.looseObject({ format: formatSchema.nullish(), verbosity: z.string().max(64).nullish() }).nullish(),
  reasoning: z.looseObject({ effort: z.string().max(64).nullish(), summary: z.string().max(64).nullish() }).nullish(),
  include: z.array(z.enum(includable)).max(16).nullish(),
  top_logprobs: z.int().min(0).max(protocolLimits.topLogprobs).nullish(),
  stream: z.boolean().nullish(),
});

/** A request that {@link responsesRequestSchema} has parsed. */
export type ResponsesRequest = z.infer<typeof responsesRequestSchema>;
