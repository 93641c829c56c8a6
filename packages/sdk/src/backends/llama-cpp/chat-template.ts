import { BackendError } from "../inference-backend.js";

/** A conversation as a template writes it. */
export type TemplateMessage = { readonly role: string; readonly content: string };

/** A model's own way to write a conversation down for it, ending with the header of the answer. */
export type ChatTemplate = {
  /** @throws whatever the template refuses, such as a role that it does not know. */
  render(messages: readonly TemplateMessage[]): string;
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
      render: (messages) =>
        template.render({ messages, add_generation_prompt: true, bos_token: names.bosToken, eos_token: names.eosToken }),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `The chat template of the model file cannot be read with @huggingface/jinja, which comes with node-llama-cpp: ${reason}`;
    throw new BackendError({ code: "failed", message, cause });
  }
}
