import { getFamily, type RequestBody, type Task } from "@vision/protocol";
import { drawInt, pick, type Random } from "@vision/scoring/probing";
import type { ReferencePrompt, WrittenText } from "../reference-model.js";
import { PARTS_FRACTION } from "../synthetic/draw-messages.js";
import { drawSeed, isSmallTask, mostPromptCharacters } from "../synthetic/request-shape.js";
import { drawStoryRequest, fillTemplate, simpleOpenings, wideOpenings } from "../synthetic/text-prompts.js";
import { drawAssignment, drawNextAssignment, drawSystemAssignment } from "./assignments.js";
import { cleanText } from "./clean-text.js";
import { addTypos } from "./typos.js";

/** Lets the task's own model go on from a prompt; null where it cannot read it, or nobody lets it. Rejects where it fails. */
export type WriteText = (
  prompt: ReferencePrompt,
  how: { readonly maxTokens: number; readonly seed: number },
) => Promise<WrittenText | null>;

/** What a conversation is written from. */
export type WritingInput = {
  readonly task: Task;
  readonly random: Random;
  /** Instructions that were written before, of applications that come again. */
  readonly systemTexts: readonly string[];
  readonly write: WriteText;
};

const SYSTEM_FRACTION = 0.4;
/** Of the turns, that another one follows. */
const NEXT_FRACTION = 0.45;
const MOST_TURNS = { small: 2, large: 5 } as const;
/** Of those who write, that mistype. */
const TYPOS_FRACTION = 0.25;
/** Longest of what a model writes in a user's place, and as an answer to it, tokens. */
const LONGEST = { small: { text: 40, answer: 40 }, large: { text: 320, answer: 256 } } as const;

/** Whether requests to a task can be written by its own model. */
export function isWritable({ family }: Task): boolean {
  return family === "chat-completions" || family === "completions";
}

/** Instructions as an application of the task's users may have them; null where none came of it. */
export async function writeSystemText({ task, random, write }: Omit<WritingInput, "systemTexts">): Promise<string | null> {
  if (task.family !== "chat-completions" || isSmallTask(task)) return null;
  const written = await write(asked([{ role: "user", content: drawSystemAssignment(random) }]), {
    maxTokens: LONGEST.large.text,
    seed: drawSeed(random),
  });
  return written === null ? null : cleanText(written);
}

/**
 * What one user of a task may say, in the words of the task's own model: turn by turn, each request with all that was said before it and
 * nothing else: settings are drawn when it is sent. Null where what the model wrote is no text of a user.
 *
 * A model for simple questions cannot be told what to write: it tells a story, and its user asks about that.
 */
export async function writeConversation(input: WritingInput): Promise<readonly RequestBody[] | null> {
  const requests = input.task.family === "completions" ? await writeOpening(input) : await writeChat(input);
  const { requestSchema } = getFamily(input.task.family);
  const parsed = (requests ?? []).map((request) => requestSchema.safeParse(request));
  const good = parsed.flatMap(({ data }) => (data === undefined ? [] : [data as RequestBody]));
  return good.length > 0 && good.length === parsed.length ? good : null;
}

type Spoken = { readonly role: "user" | "assistant" | "system"; readonly content: string };
const asked = (messages: readonly Spoken[]): ReferencePrompt => ({ kind: "chat", messages, isContinued: false });

async function writeChat({ task, random, systemTexts, write }: WritingInput): Promise<readonly Readonly<Record<string, unknown>>[] | null> {
  const isSmall = isSmallTask(task);
  const longest = LONGEST[isSmall ? "small" : "large"];
  const isMistyped = random.next() < TYPOS_FRACTION;
  const say = async (before: readonly Spoken[], assignment: string) => {
    const written = await write(asked([...before, { role: "user", content: assignment }]), {
      maxTokens: longest.text,
      seed: drawSeed(random),
    });
    const text = written === null ? null : cleanText(written);
    return text === null || !isMistyped ? text : addTypos(text, random);
  };
  const sayFirst = () => (isSmall ? saySmall(random, say) : say([], drawAssignment(random)));
  const sayNext = (before: readonly Spoken[]) => (isSmall ? pick(random, smallNext) : say(before, drawNextAssignment(random)));

  const areParts = random.next() < PARTS_FRACTION;
  const toRequest = (spoken: readonly Spoken[]) => ({
    model: task.id,
    messages: spoken.map(({ role, content }) => ({ role, content: areParts ? [{ type: "text", text: content }] : content })),
  });

  const system =
    systemTexts.length > 0 && random.next() < SYSTEM_FRACTION
      ? systemTexts[Math.floor(systemTexts.length * random.next() ** 2)]
      : undefined;
  let spoken: readonly Spoken[] = system === undefined ? [] : [{ role: "system", content: system }];
  const first = await sayFirst();
  if (first === null) return null;
  spoken = [...spoken, { role: "user", content: first }];
  const requests = [toRequest(spoken)];
  const mostTurns = MOST_TURNS[isSmall ? "small" : "large"];
  while (requests.length < mostTurns && random.next() < NEXT_FRACTION) {
    const answer = await write(asked(spoken), { maxTokens: longest.answer, seed: drawSeed(random) });
    if (answer === null || answer.text.trim() === "") break;
    const answered: readonly Spoken[] = [...spoken, { role: "assistant", content: answer.text }];
    const next = await sayNext(answered);
    if (next === null) break;
    spoken = [...answered, { role: "user", content: next }];
    if (spoken.reduce((sum, { content }) => sum + content.length, 0) > mostPromptCharacters(task)) break;
    requests.push(toRequest(spoken));
  }
  const isTooLong = spoken.reduce((sum, { content }) => sum + content.length, 0) > mostPromptCharacters(task) && requests.length === 1;
  return isTooLong ? null : requests;
}

const smallQuestions = [
  "What happens next?",
  "Who is in this story?",
  "Can you tell it in other words?",
  "How does it end?",
  "Why?",
  "Is this a good story?",
] as const;
const smallNext = [
  "And then?",
  "Tell me more.",
  "Why?",
  "What happened after that?",
  "Can you say it in other words?",
  "Thank you! What else?",
] as const;

/** Shorter is no story. */
const SHORTEST_STORY = 60;

async function saySmall(
  random: Random,
  say: (before: readonly Spoken[], question: string) => Promise<string | null>,
): Promise<string | null> {
  const story = await say([], drawStoryRequest(random));
  if (story === null || story.length < SHORTEST_STORY) return null;
  return random.next() < 0.5 ? `${story} ${pick(random, smallQuestions)}` : `${pick(random, smallQuestions)} ${story}`;
}

/** A piece of a text that the model wrote, from its second sentence on: the first one goes on from what it was given. */
async function writeOpening({ task, random, write }: WritingInput): Promise<readonly Readonly<Record<string, unknown>>[] | null> {
  const isSmall = isSmallTask(task);
  const opening = fillTemplate(random, isSmall ? simpleOpenings : wideOpenings);
  const maxTokens = isSmall ? 120 : LONGEST.large.text;
  const written = await write({ kind: "text", text: opening }, { maxTokens, seed: drawSeed(random) });
  const rest = written === null ? "" : (/^[\s\S]*?[.!?\n]\s+([\s\S]*)$/.exec(written.text)?.[1] ?? "");
  const words = rest.split(/(?<=\s)/);
  const prompt = words
    .slice(0, drawInt(random, 4, Math.max(4, words.length)))
    .join("")
    .trim();
  if (cleanText({ text: prompt, isEnded: true }) === null || prompt.length > mostPromptCharacters(task)) return null;
  return [{ model: task.id, prompt }];
}
