import { FormData } from "undici";

/** A request's body, and the headers that say what it is; a form names its own. */
export type EncodedBody = { readonly body: string | FormData; readonly headers: Readonly<Record<string, string>> };

const DATA_URL = /^data:(image\/[a-z0-9.+-]+);base64,/;

/**
 * Fields as a model server takes them: JSON, or a form where some of them hold files, as OpenAI's API has it.
 *
 * @param fileFields - Names of the fields that hold files as data URLs; see `Family.fileFields`.
 */
export function encodeBody(fields: Readonly<Record<string, unknown>>, fileFields: readonly string[]): EncodedBody {
  if (fileFields.length === 0) return { body: JSON.stringify(fields), headers: { "content-type": "application/json" } };
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    const file = fileFields.includes(name) && typeof value === "string" ? toFile(name, value) : null;
    if (file !== null) form.append(name, file.blob, file.name);
    else form.append(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return { body: form, headers: {} };
}

function toFile(name: string, url: string): { readonly blob: Blob; readonly name: string } | null {
  const [prefix, type = ""] = DATA_URL.exec(url) ?? [];
  if (prefix === undefined) return null;
  const blob = new Blob([Buffer.from(url.slice(prefix.length), "base64")], { type });
  return { blob, name: `${name}.${type.replace(/^image\//, "")}` };
}
