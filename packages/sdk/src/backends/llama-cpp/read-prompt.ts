import { BackendError } from "../inference-backend.js";
import type { TextPrompt } from "../text/read-text-request.js";
import type { TemplateMessage } from "./chat-template.js";
import type { LlamaEngine } from "./llama-engine.js";

/**
 * Prompt tokens as vLLM and llama.cpp's server read a prompt: the file's chat template, names of special tokens as these tokens wherever
 * they stand, and the beginning token in front where the file says so.
 *
 * @returns At least one token.
 * @throws BackendError `invalid` for a conversation that the template refuses, and for an empty prompt that no token can begin.
 */
export function readLlamaPrompt(engine: LlamaEngine, prompt: TextPrompt): readonly number[] {
  const { model } = engine;
  const tokens = prompt.kind === "chat" ? chatTokens(engine, prompt) : model.tokenize(prompt.text, true);
  const { bos, shouldPrependBosToken } = model.tokens;
  // An empty prompt still needs a token to start from.
  const needsBeginning = bos !== null && tokens[0] !== bos && (shouldPrependBosToken || tokens.length === 0);
  const whole = needsBeginning ? [bos, ...tokens] : tokens;
  if (whole.length === 0) throw new BackendError({ code: "invalid", message: "The prompt is empty." });
  return whole;
}

type Conversation = { readonly messages: readonly TemplateMessage[]; readonly isContinued: boolean };

function chatTokens({ model, chatTemplate, chatWrapper }: LlamaEngine, { messages, isContinued }: Conversation): readonly number[] {
  if (chatTemplate !== null) {
    let text: string;
    try {
      text = chatTemplate.render(messages, { isContinued });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new BackendError({ code: "invalid", message: `The model's chat template refuses the conversation: ${reason}`, cause });
    }
    return model.tokenize(text, true);
  }
  const history = messages.map(({ role, content: text }) => {
    if (role === "assistant") return { type: "model", response: [text] } as const;
    const isSystem = role === "system" || role === "developer";
    return { type: isSystem ? "system" : "user", text } as const;
  });
  const state = chatWrapper.generateContextState({ chatHistory: isContinued ? history : [...history, { type: "model", response: [] }] });
  const tokens = state.contextText.tokenize(model.tokenizer);
  const { bos, shouldPrependBosToken } = model.tokens;
  // The wrapper puts the beginning-of-text token in front even where the file says not to.
  return !shouldPrependBosToken && tokens[0] === bos ? tokens.slice(1) : tokens;
}
