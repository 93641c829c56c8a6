import { protocolLimits } from "@vision/protocol";
import { z } from "zod";

// Names, types and ranges as Anthropic's API reference gives them. Hints that change no answer (`cache_control`) pass its loose objects unread.
const text = z.string().max(protocolLimits.contentCharacters);
const name = z.string().max(256);

const textBlock = z.looseObject({ type: z.literal("text"), text });
const imageBlock = z.looseObject({
  type: z.literal("image"),
  source: z.discriminatedUnion("type", [
    z.looseObject({ type: z.literal("base64"), media_type: z.string().max(64), data: z.string() }),
    z.looseObject({ type: z.literal("url"), url: z.string().max(8_192) }),
  ]),
});
const resultBlock = z.looseObject({
  type: z.literal("tool_result"),
  tool_use_id: name,
  content: z.union([text, z.array(z.discriminatedUnion("type", [textBlock, imageBlock])).max(256)]).nullish(),
  is_error: z.boolean().nullish(),
});
const useBlock = z.looseObject({ type: z.literal("tool_use"), id: name, name, input: z.record(z.string(), z.unknown()) });
const thoughtBlock = z.looseObject({ type: z.enum(["thinking", "redacted_thinking"]) });

const userMessage = z.looseObject({
  role: z.literal("user"),
  content: z.union([text, z.array(z.discriminatedUnion("type", [textBlock, imageBlock, resultBlock])).max(256)]),
});
const assistantMessage = z.looseObject({
  role: z.literal("assistant"),
  content: z.union([text, z.array(z.discriminatedUnion("type", [textBlock, useBlock, thoughtBlock])).max(256)]),
});

const toolChoice = z.discriminatedUnion("type", [
  z.looseObject({ type: z.enum(["auto", "any", "none"]), disable_parallel_tool_use: z.boolean().nullish() }),
  z.looseObject({ type: z.literal("tool"), name, disable_parallel_tool_use: z.boolean().nullish() }),
]);

/** Body of `POST /v1/messages`. Unknown fields pass through. */
export const messagesRequestSchema = z.looseObject({
  model: z.string().min(1).max(256),
  max_tokens: z.int().min(1).max(protocolLimits.outputTokens),
  messages: z
    .array(z.discriminatedUnion("role", [userMessage, assistantMessage]))
    .min(1)
    .max(protocolLimits.messages),
  system: z.union([text, z.array(textBlock).max(64)]).nullish(),
  stop_sequences: z.array(z.string().max(256)).max(protocolLimits.stopSequences).nullish(),
  temperature: z.number().min(0).max(1).nullish(),
  tools: z
    .array(
      z.looseObject({
        name,
        description: z.string().nullish(),
        input_schema: z.record(z.string(), z.unknown()),
        strict: z.boolean().nullish(),
      }),
    )
    .max(128)
    .nullish(),
  tool_choice: toolChoice.nullish(),
  thinking: z
    .discriminatedUnion("type", [
      z.looseObject({ type: z.literal("enabled"), budget_tokens: z.int().min(1) }),
      z.looseObject({ type: z.enum(["disabled", "adaptive"]) }),
    ])
    .nullish(),
  metadata: z.looseObject({ user_id: z.string().max(512).nullish() }).nullish(),
  stream: z.boolean().nullish(),
});

/** A request that {@link messagesRequestSchema} has parsed. */
export type MessagesRequest = z.infer<typeof messagesRequestSchema>;
