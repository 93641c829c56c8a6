import { type ChatRequest, chatMessageText, isContinued, type Task } from "@vision/protocol";
import { chatSampling, completionSampling, type TextSampling } from "../request-defaults.js";
import type { TextCall } from "./text-format.js";

/** What a text is to be generated from. */
export type TextPrompt =
  | {
      readonly kind: "chat";
      readonly messages: readonly { readonly role: string; readonly content: string }[];
      /** The last message is the beginning of the answer: what is generated goes on where it ends. */
      readonly isContinued: boolean;
    }
  | { readonly kind: "completion"; readonly text: string };

/** The prompt of a chat request: what a miner's engine reads, and a validator's reference with it. */
export function chatPromptOf(request: ChatRequest): Extract<TextPrompt, { kind: "chat" }> {
  const messages = request.messages.map((message) => ({ role: message.role, content: chatMessageText(message) }));
  return { kind: "chat", messages, isContinued: isContinued(request) };
}

/** A request for text, whichever family it came by. */
export type TextRequest = {
  readonly task: Task;
  /** The task's model, or the miner's own name for it. */
  readonly model: string;
  readonly prompt: TextPrompt;
  readonly sampling: TextSampling;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
};

/** The request of a call, with defaults for what it leaves out. */
export function readTextRequest(call: TextCall, fallbackSeed: number): TextRequest {
  const { task, signal } = call;
  if (call.familyName === "completions") {
    const { request } = call;
    const prompt: TextPrompt = { kind: "completion", text: request.prompt };
    return { task, model: request.model, prompt, sampling: completionSampling(request, fallbackSeed), signal };
  }
  const { request } = call;
  return { task, model: request.model, prompt: chatPromptOf(request), sampling: chatSampling(request, fallbackSeed), signal };
}
