import { asFields } from "./read-fields.js";

/** What the content of a message or delta says, put together. */
export type SaidContent = { readonly text: string; readonly reasoning: string };

/**
 * What the `content` of an assistant's message or delta says: a text, or, as Mistral's servers and others write it, a list of parts, of
 * which texts and thoughts are read and others (references, pictures) left out. `null` where it is neither.
 */
export function readContent(content: unknown): SaidContent | null {
  if (typeof content === "string") return { text: content, reasoning: "" };
  if (!Array.isArray(content)) return null;
  let text = "";
  let reasoning = "";
  for (const each of content) {
    const part = asFields(each);
    if (part === null) return null;
    const said = part["type"] === "thinking" ? thoughtOf(part["thinking"]) : part["type"] === "text" ? part["text"] : "";
    if (typeof said !== "string") return null;
    if (part["type"] === "thinking") reasoning += said;
    else text += said;
  }
  return { text, reasoning };
}

function thoughtOf(thinking: unknown): string | null {
  if (typeof thinking === "string") return thinking;
  if (!Array.isArray(thinking)) return null;
  return thinking
    .map((each) => asFields(each)?.["text"])
    .filter((text) => typeof text === "string")
    .join("");
}
