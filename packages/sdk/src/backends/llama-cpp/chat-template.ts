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
 * @param names - Beginning and end token as the vocabulary writes them; templates ask for them.
 * @throws BackendError `failed` where `@huggingface/jinja`, which comes with node-llama-cpp, is not there or cannot read the template.
 */
export async function loadChatTemplate(
  source: string,
  names: { readonly bosToken: string; readonly eosToken: string },
): Promise<ChatTemplate> {
  // A variable keeps compilers and bundlers from wanting the optional package.
  const packageName = "@huggingface/jinja";
  try {
    const { Template } = (await import(packageName)) as JinjaModule;
    const template = new Template(source);
    return {
      render(messages, { isContinued }) {
        const text = template.render({
          ...{ messages, add_generation_prompt: !isContinued },
          ...{ bos_token: names.bosToken, eos_token: names.eosToken },
        });
        return isContinued ? cutAfter(text, messages.at(-1)?.content ?? "") : text;
      },
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `The chat template of the model file cannot be read with @huggingface/jinja, which comes with node-llama-cpp: ${reason}`;
    throw new BackendError({ code: "failed", message, cause });
  }
}

/** Without what the template puts behind the last message, as vLLM cuts it; templates may trim what they are given. */
function cutAfter(text: string, content: string): string {
  const asGiven = text.lastIndexOf(content);
  if (asGiven !== -1) return text.slice(0, asGiven + content.length);
  const trimmed = content.trim();
  const at = text.lastIndexOf(trimmed);
  if (at === -1) throw new Error("the template leaves out the message that the answer begins with");
  return text.slice(0, at + trimmed.length);
}
