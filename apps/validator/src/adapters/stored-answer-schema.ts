import type { Answer } from "@vision/protocol";
import { z } from "zod";

/** An answer as this program stored it, read back. */
export const storedAnswerSchema: z.ZodType<Answer> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("text"),
    text: z.string(),
    tokens: z.array(
      z.object({
        id: z.number().exactOptional(),
        bytes: z.array(z.number()).nullable(),
        text: z.string(),
        logprob: z.number().nullable(),
      }),
    ),
    finishReason: z.enum(["stop", "length", "content_filter", "tool_calls", "unknown"]),
    promptTokenIds: z.array(z.number()).exactOptional(),
  }),
  z.object({ kind: z.literal("images"), imagesBase64: z.array(z.string()) }),
  z.object({ kind: z.literal("vectors"), vectorsBase64: z.array(z.string()) }),
]);
