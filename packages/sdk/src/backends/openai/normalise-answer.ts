import { type FamilyName, readContent } from "@vision/protocol";
import { z } from "zod";
import { isTextFamily } from "../text/text-format.js";
import { normaliseEmbeddings } from "./normalise-embeddings.js";

/**
 * Names of the tokens that models end their answers with. Servers report the token by its name, though the name is no part of the text;
 * taken for text, it makes the tokens say more than the answer does.
 */
const END_TOKEN =
  /^(?:<\|(?:im_end|endoftext|end_of_text|eot_id|eom_id|end|return)\|>|<\/s>|<eos>|<end_of_turn>|<｜end▁of▁sentence｜>|\[EOS\])$/;

const tokenSchema = z.looseObject({
  id: z.number().nullish(),
  token: z.string(),
  logprob: z.number().nullish(),
  bytes: z.array(z.number()).nullish(),
  top_logprobs: z.array(z.looseObject({ token: z.string(), logprob: z.number().nullish() })).nullish(),
});
const chatLogprobsSchema = z.looseObject({ content: z.array(tokenSchema) });
const legacyLogprobsSchema = z.looseObject({ tokens: z.array(z.string()), token_bytes: z.array(z.array(z.number())).nullish() });
// A text, or a list of parts. What is neither is not ours to refuse.
const messageSchema = z.looseObject({ content: z.unknown().optional() });
const choiceSchema = z.looseObject({
  text: z.string().nullish(),
  delta: messageSchema.nullish(),
  message: messageSchema.nullish(),
  logprobs: z.unknown().optional(),
  finish_reason: z.string().nullish(),
});
const answerSchema = z.looseObject({ choices: z.array(choiceSchema) });
type Message = z.infer<typeof messageSchema>;
type Choice = z.infer<typeof choiceSchema>;
type ChatLogprobs = z.infer<typeof chatLogprobsSchema>;
type LegacyLogprobs = z.infer<typeof legacyLogprobsSchema>;

const HAS_CHAT_LOGPROBS = /"logprobs"\s*:\s*\{\s*"content"/;
const HAS_PARTS = /"content"\s*:\s*\[\s*\{\s*"(?:type|text|thinking)"/;
const HAS_STOP = /"finish_reason"\s*:\s*"stop"/;

/**
 * An event or a body as the protocol has it, where a server writes it otherwise: completions with logprobs in chat's shape (llama.cpp), the
 * ending token with its name for its bytes (vLLM and others), content as a list of parts (Mistral), and vectors as lists of numbers.
 * Everything else is passed on unread.
 *
 * @param json - JSON text of one event or body.
 */
export function normaliseAnswer(family: FamilyName, json: string): string {
  if (family === "embeddings") return normaliseEmbeddings(json);
  const isChatShaped = family === "completions" && HAS_CHAT_LOGPROBS.test(json);
  if (!isTextFamily(family) || !(isChatShaped || HAS_STOP.test(json) || HAS_PARTS.test(json))) return json;
  const parsed = answerSchema.safeParse(safeJson(json));
  if (!parsed.success) return json;
  const choices = parsed.data.choices.map((choice) => normaliseChoice(choice, isChatShaped));
  return choices.every((choice, index) => choice === parsed.data.choices[index]) ? json : JSON.stringify({ ...parsed.data, choices });
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function normaliseChoice(choice: Choice, isChatShaped: boolean): Choice {
  const chat = chatLogprobsSchema.safeParse(choice.logprobs);
  if (chat.success && isChatShaped) {
    const ids = chat.data.content.map(({ id }) => id);
    const listed = ids.length > 0 && ids.every((id) => typeof id === "number") ? { token_ids: ids } : {};
    return withoutEndText({ ...choice, ...listed, logprobs: toLegacy(chat.data) });
  }
  return withoutEndText(withPlainContent(choice));
}

function withPlainContent(choice: Choice): Choice {
  const { delta, message } = choice;
  const isPlain = ![delta, message].some((each) => Array.isArray(each?.content));
  if (isPlain) return choice;
  return { ...choice, ...(delta ? { delta: joinParts(delta) } : {}), ...(message ? { message: joinParts(message) } : {}) };
}

function joinParts(message: Message): Message {
  const said = readContent(message.content);
  if (said === null) return message;
  return { ...(said.reasoning === "" ? {} : { reasoning_content: said.reasoning }), ...message, content: said.text };
}

function contentOf(message: Message | null | undefined): string | undefined {
  return typeof message?.content === "string" ? message.content : undefined;
}

function withoutEndText(choice: Choice): Choice {
  if (choice.finish_reason !== "stop") return choice;
  const text = choice.text ?? contentOf(choice.delta) ?? contentOf(choice.message) ?? "";
  const isEnd = (token: string | undefined) => token !== undefined && END_TOKEN.test(token) && !text.endsWith(token);
  const chat = chatLogprobsSchema.safeParse(choice.logprobs);
  if (chat.success) {
    const last = chat.data.content.at(-1);
    if (!isEnd(last?.token) || last?.bytes?.length === 0) return choice;
    return { ...choice, logprobs: { ...chat.data, content: [...chat.data.content.slice(0, -1), { ...last, bytes: [] }] } };
  }
  const legacy = legacyLogprobsSchema.safeParse(choice.logprobs);
  if (!legacy.success || !isEnd(legacy.data.tokens.at(-1))) return choice;
  const bytes = legacy.data.token_bytes ?? bytesOf(legacy.data.tokens);
  return bytes === null ? choice : { ...choice, logprobs: { ...legacy.data, token_bytes: [...bytes.slice(0, -1), []] } };
}

/** Chat's entries as the arrays of a completion. */
function toLegacy({ content }: ChatLogprobs): LegacyLogprobs {
  const bytes = content.map((entry) => entry.bytes ?? bytesOf([entry.token])?.[0] ?? null);
  return {
    tokens: content.map(({ token }) => token),
    token_logprobs: content.map(({ logprob }) => logprob ?? null),
    top_logprobs: content.map(({ top_logprobs }) =>
      Object.fromEntries((top_logprobs ?? []).map(({ token, logprob }) => [token, logprob ?? null])),
    ),
    ...(bytes.every((one) => one !== null) ? { token_bytes: bytes } : {}),
  };
}

/** The bytes of tokens by their text; `null` where a text holds only a part of a character, so that its bytes cannot be told. */
function bytesOf(tokens: readonly string[]): number[][] | null {
  return tokens.some((token) => token.includes("\uFFFD")) ? null : tokens.map((token) => [...Buffer.from(token, "utf8")]);
}
