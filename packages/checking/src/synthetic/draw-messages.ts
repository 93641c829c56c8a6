import type { Task } from "@vision/protocol";
import { drawInt, type Random } from "@vision/scoring/probing";
import { drawHabitualSystemText, type Habits } from "./habits.js";
import { drawEarlierReply, drawFollowUp, drawSystemText, dressQuestion } from "./phrases.js";
import { isSmallTask, mostPromptCharacters } from "./request-shape.js";
import { fillTemplate, simpleQuestions, wideQuestions } from "./text-prompts.js";

/** A message of a chat as clients send it. */
export type Message = { readonly role: "system" | "user" | "assistant"; readonly content: string | readonly TextPart[] };
type TextPart = { readonly type: "text"; readonly text: string };

const SYSTEM_FRACTION = 0.35;
const CONVERSATION_FRACTION = 0.35;
// Every token of a prompt costs a small model a fifth of one of its answer: long histories would cost it more than the answers do.
const LONGEST_HISTORY_TURNS = { small: 2, large: 5 } as const;
/** Some client libraries always send lists of parts. */
export const PARTS_FRACTION = 0.08;

/** Messages of a chat: a question alone, one behind instructions, or the end of a conversation of several turns. */
export function drawMessages(random: Random, task: Task, habits: Habits | null = null): readonly Message[] {
  const question = () => dressQuestion(random, fillTemplate(random, isSmallTask(task) ? simpleQuestions : wideQuestions));
  const drawSystem = () => (habits === null ? drawSystemText(random) : drawHabitualSystemText(random, habits));
  const system = random.next() < SYSTEM_FRACTION ? drawSystem() : null;
  const turns =
    random.next() < CONVERSATION_FRACTION
      ? drawInt(random, 1, isSmallTask(task) ? LONGEST_HISTORY_TURNS.small : LONGEST_HISTORY_TURNS.large)
      : 0;
  const spoken: { readonly role: "user" | "assistant"; readonly text: string }[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    spoken.push({ role: "user", text: turn === 0 ? question() : drawFollowUp(random) });
    spoken.push({ role: "assistant", text: drawEarlierReply(random) });
  }
  spoken.push({ role: "user", text: turns > 0 && random.next() < 0.6 ? drawFollowUp(random) : question() });

  // As applications do: the oldest turns are dropped when a conversation no longer fits.
  const mostCharacters = mostPromptCharacters(task);
  const length = () => spoken.reduce((sum, { text }) => sum + text.length, (system ?? "").length);
  while (spoken.length > 1 && length() > mostCharacters) spoken.splice(0, 2);

  const areParts = random.next() < PARTS_FRACTION;
  const toMessage = (role: Message["role"], text: string): Message => ({ role, content: areParts ? [{ type: "text", text }] : text });
  return [...(system === null ? [] : [toMessage("system", system)]), ...spoken.map(({ role, text }) => toMessage(role, text))];
}

/** The same conversation after this answer, with what the user says then; null where it would not fit any more. */
export function continueMessages(
  messages: readonly Message[],
  { random, task, answer }: { readonly random: Random; readonly task: Task; readonly answer: string },
): readonly Message[] | null {
  const areParts = typeof messages[0]?.content !== "string";
  const toMessage = (role: Message["role"], text: string): Message => ({ role, content: areParts ? [{ type: "text", text }] : text });
  const continued = [...messages, toMessage("assistant", answer), toMessage("user", drawFollowUp(random))];
  const turns = continued.filter(({ role }) => role === "assistant").length;
  const mostTurns = isSmallTask(task) ? LONGEST_HISTORY_TURNS.small : LONGEST_HISTORY_TURNS.large;
  const texts = continued.map(({ content }) => (typeof content === "string" ? content : (content[0]?.text ?? "")));
  // The answer may be no text, and a token for each byte.
  const length = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return turns > mostTurns || length > mostPromptCharacters(task) ? null : continued;
}
