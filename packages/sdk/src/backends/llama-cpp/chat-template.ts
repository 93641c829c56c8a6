import { BackendError } from "../inference-backend.js";

/** A conversation as a template writes it. */
export type TemplateMessage = { readonly role: string; readonly content: string };

/** A model's own way to write a conversation down for it, ending with the header of the answer, or with what there is of it. */
export type ChatTemplate = {
  /** @throws whatever the template refuses, such as a role that it does not know. */
  render(messages: readonly TemplateMessage[], options: { readonly isContinued: boolean }): string;
};

/** The part of `@huggingface/jinja` that is used. */
type JinjaModule = {
  readonly Template: new (source: string) => { render(items: Readonly<Record<string, unknown>>): string };
};

/**
 * A template of a model file, which node-llama-cpp's own choice among known formats is not: that one leaves out the system message that
 * the file's template puts in, and every engine of an honest miner puts it in.
 *
 * @param tokens - Beginning and end token as the vocabulary writes them; templates ask for them.
 * @throws BackendError `failed` where `@huggingface/jinja`, which comes with node-llama-cpp, is not there or cannot read the template.
 */
export async function loadChatTemplate(
  source: string,
  { bosToken, eosToken }: { readonly bosToken: string; readonly eosToken: string },
): Promise<ChatTemplate> {
  // A variable keeps compilers and bundlers from wanting the optional package.
  const packageName = "@huggingface/jinja";
  try {
    const { Template } = (await import(packageName)) as JinjaModule;
    const template = new Template(source);
    return {
      render(messages, { isContinued }) {
        const given = isContinued ? withMark(messages) : messages;
        const names = { bos_token: bosToken, eos_token: eosToken };
        const text = template.render({ messages: given, add_generation_prompt: !isContinued, ...names });
        return isContinued ? cutAtMark(text) : text;
      },
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `The chat template of the model file cannot be read with @huggingface/jinja, which comes with node-llama-cpp: ${reason}`;
    throw new BackendError({ code: "failed", message, cause });
  }
}

// Stands behind the beginning of an answer: looking for the text itself, one like "end" would be found in the token that closes a message.
const MARK = "[the answer goes on here]";

/** The conversation with a mark where its last message ends, and a space behind it, which a template that trims takes away. */
export function withMark(messages: readonly TemplateMessage[]): readonly TemplateMessage[] {
  return messages.map((message, index) => (index < messages.length - 1 ? message : { ...message, content: `${message.content}${MARK} ` }));
}

/**
 * A text up to its mark, trimmed where the template trims messages: the text that it would have put in is then the same.
 *
 * @throws Error where the template leaves the message out.
 */
export function cutAtMark(text: string): string {
  const at = text.lastIndexOf(MARK);
  if (at === -1) throw new Error("the template leaves out the message that the answer begins with");
  const begun = text.slice(0, at);
  return text[at + MARK.length] === " " ? begun : begun.trimEnd();
}
