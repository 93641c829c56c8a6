import { type FamilyHandlers, type FamilyName, handleByFamily, type RequestBody } from "@vision/protocol";
import { chatPromptOf, chatSampling, completionSampling, type TextSampling } from "@vision/sdk/backends";
import type { ReferencePrompt } from "../reference-model.js";

/** A text request as a model reads it. */
export type TextRequest = { readonly prompt: ReferencePrompt; readonly sampling: TextSampling };

const readers: Partial<FamilyHandlers<[], TextRequest>> = {
  "chat-completions": (chat) => ({
    prompt: chatPromptOf(chat),
    sampling: chatSampling(chat, 0),
  }),
  completions: (completion) => ({
    prompt: { kind: "text", text: completion.prompt },
    sampling: completionSampling(completion, 0),
  }),
};

/**
 * Prompt and defaults exactly as the SDK's backends read them: the validator must read what the miner read. The request is one that the
 * family's schema has parsed.
 *
 * @returns Null where the family's requests are not for text.
 */
export function readTextRequest(family: FamilyName, request: RequestBody): TextRequest | null {
  return handleByFamily(readers, family, request);
}
