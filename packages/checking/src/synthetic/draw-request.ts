import {
  DEFAULT_EDIT_STRENGTH,
  DEFAULT_IMAGE_STEPS,
  embeddingTokens,
  type FamilyName,
  protocolLimits,
  startImageUrl,
  type Task,
} from "@vision/protocol";
import { drawBetween, drawInt, pick, type Random } from "@vision/scoring/probing";
import { encodePng } from "@vision/tiny";
import { drawMessages } from "./draw-messages.js";
import { drawPicture } from "./draw-picture.js";
import type { Habits } from "./habits.js";
import { drawEarlierReply } from "./phrases.js";
import { drawOutputLimit, drawSeed, drawTemperature, drawTextExtras, isSmallTask } from "./request-shape.js";
import { fillTemplate, simpleOpenings, wideOpenings } from "./text-prompts.js";
import { adjectives, colours, pictures, relations } from "./words.js";

/** What a synthetic request is drawn from. */
export type SyntheticRequestInput = {
  readonly task: Task;
  readonly random: Random;
  /** Most work units that the request may ask for. */
  readonly maxUnits: number;
  /** Whose instructions come again; none are known where it is left out. */
  readonly habits?: Habits;
};

type Draw = (input: SyntheticRequestInput) => Readonly<Record<string, unknown>>;

const drawChat: Draw = ({ task, random, maxUnits, habits = null }) => ({
  model: task.id,
  ...drawConversation(random, task, habits),
  ...drawOutputLimit(random, task, { maxUnits, names: ["max_tokens", "max_tokens", "max_tokens", "max_completion_tokens"] }),
  temperature: drawTemperature(random, task),
  seed: drawSeed(random),
  stream: random.next() < 0.7,
  ...drawTextExtras(random, task),
  ...(random.next() < 0.05 ? { logprobs: true, top_logprobs: drawInt(random, 0, 5) } : {}),
  ...(random.next() < 0.04 ? { response_format: { type: "text" } } : {}),
});

const CONTINUED_FRACTION = 0.02;

/** A conversation; now and then with the beginning of its answer, as users' requests have it when another miner broke off. */
function drawConversation(random: Random, task: Task, habits: Habits | null): Readonly<Record<string, unknown>> {
  const messages = drawMessages(random, task, habits);
  const isAble = task.capabilities?.includes("continuation") ?? true;
  if (!isAble || random.next() >= CONTINUED_FRACTION) return { messages };
  const reply = drawEarlierReply(random);
  const begun = reply.slice(0, drawInt(random, 1, reply.length));
  return {
    messages: [...messages, { role: "assistant", content: begun }],
    continue_final_message: true,
    add_generation_prompt: false,
  };
}

const drawCompletion: Draw = ({ task, random, maxUnits }) => ({
  model: task.id,
  prompt: drawOpening(random, task),
  ...drawOutputLimit(random, task, { maxUnits, names: ["max_tokens"] }),
  temperature: drawTemperature(random, task),
  seed: drawSeed(random),
  stream: random.next() < 0.7,
  ...drawTextExtras(random, task),
  ...(random.next() < 0.05 ? { logprobs: drawInt(random, 0, 5) } : {}),
});

/** The beginning of a text; some users give a line before it. */
function drawOpening(random: Random, task: Task): string {
  const openings = isSmallTask(task) ? simpleOpenings : wideOpenings;
  const before = random.next() < 0.75 ? `${drawEarlierReply(random)} ` : "";
  return `${before}${fillTemplate(random, openings)}`;
}

function drawPicturePrompt(random: Random): string {
  const describe = () => {
    const colour = random.next() < 0.5 ? `${pick(random, colours)} ` : "";
    const adjective = random.next() < 0.5 ? `${pick(random, adjectives)} ` : "";
    return `${adjective}${colour}${pick(random, pictures)}`;
  };
  const place = random.next() < 0.4 ? ` on ${pick(random, colours)}` : "";
  const other = random.next() < 0.75 ? ` ${pick(random, relations)} ${describe()}` : "";
  return `${describe()}${other}${place}`;
}

const drawImage: Draw = ({ task, random, maxUnits }) => {
  const typical = task.typicalUnitsPerRequest;
  const bound = Math.max(1, Math.floor(maxUnits));
  const wanted = Math.min(drawInt(random, Math.ceil(typical * 0.5), Math.ceil(typical * 1.5)), bound);
  // Several images share the steps of one, so that their volume stays typical.
  const images = random.next() < 0.12 ? Math.min(drawInt(random, 1, 3), wanted) : null;
  const sizes = task.imageSizes ?? [];
  return {
    model: task.id,
    prompt: drawPicturePrompt(random),
    ...(images === null ? {} : { n: images }),
    ...(sizes.length > 0 && random.next() < 0.7 ? { size: sizes[random.nextInt(sizes.length)] } : {}),
    ...drawSteps(random, { bound, perImage: Math.max(1, Math.floor(wanted / (images ?? 1))), hasDefault: images === null }),
    seed: drawSeed(random),
    ...(random.next() < 0.75 ? { guidance_scale: Math.round(drawBetween(random, 2, 4) * 2) / 2 } : {}),
    ...(random.next() < 0.12 ? { negative_prompt: drawPicturePrompt(random) } : {}),
  };
};

/** Steps of an image; now and then none are named, where the default fits. */
function drawSteps(
  random: Random,
  { bound, perImage, hasDefault }: { readonly bound: number; readonly perImage: number; readonly hasDefault: boolean },
): Readonly<Record<string, unknown>> {
  const isLeftOut = random.next() < 0.06 && hasDefault && bound >= DEFAULT_IMAGE_STEPS;
  return isLeftOut ? {} : { steps: perImage };
}

/** A search term, a question, or a piece of a document, and now and then several at once, as indexes are built. */
const drawEmbedding: Draw = ({ task, random, maxUnits }) => {
  const wanted = random.next() < 0.7 ? 1 : drawInt(random, 2, 8);
  const texts: string[] = [];
  const typical = task.typicalUnitsPerRequest;
  let left = Math.max(1, Math.min(Math.floor(maxUnits), drawInt(random, Math.ceil(typical * 0.5), Math.ceil(typical * 1.5))));
  while (texts.length < wanted && left > 0) {
    // Two at a time: one alone comes again now and then, and its vector could be kept.
    const text = shortened(`${drawText(random, task)} ${drawText(random, task)}`, left);
    texts.push(text);
    left -= embeddingTokens({ input: text });
  }
  const [only = ""] = texts;
  return { model: task.id, input: texts.length === 1 && random.next() < 0.8 ? only : texts };
};

/** The beginning of a text that counts as so many units at most. */
function shortened(text: string, maxUnits: number): string {
  let kept = text;
  while (embeddingTokens({ input: kept }) > maxUnits) kept = kept.slice(0, -1);
  return kept;
}

function drawText(random: Random, task: Task): string {
  const share = random.next();
  if (share < 0.3) return drawPicturePrompt(random);
  if (share < 0.6) return drawOpening(random, task);
  const content = drawMessages(random, task).at(-1)?.content;
  return typeof content === "string" ? content : drawOpening(random, task);
}

/** Side of a picture whose task names no sizes, pixels. */
const PICTURE_SIDE = 256;

/** An image from a picture in the size that is asked for: what users send is fitted to it before a miner sees it. */
const drawImageEdit: Draw = (input) => {
  const { random, task } = input;
  const { steps, ...image } = drawImage(input);
  const size = String(image["size"] ?? task.imageSizes?.[0] ?? `${PICTURE_SIDE}x${PICTURE_SIDE}`);
  const [width = PICTURE_SIDE, height = PICTURE_SIDE] = size.split("x").map(Number);
  const picture = encodePng(drawPicture(random, { width, height }));
  // Many users leave it to the default.
  const named = random.next() < 0.35 ? {} : { strength: Math.round(drawBetween(random, 0.2, 1) * 20) / 20 };
  // The work is that of the steps which are done; those that the picture stands for come on top.
  const all = Math.round(Number(steps) / (named.strength ?? DEFAULT_EDIT_STRENGTH));
  return {
    ...image,
    image: startImageUrl(Buffer.from(picture).toString("base64")),
    ...named,
    ...(steps === undefined ? {} : { steps: Math.min(all, protocolLimits.imageSteps) }),
  };
};

const drawByFamily: Readonly<Record<FamilyName, Draw>> = {
  "chat-completions": drawChat,
  completions: drawCompletion,
  embeddings: drawEmbedding,
  "image-generation": drawImage,
  "image-edits": drawImageEdit,
};

/**
 * A request as a user of the task might send it, drawn anew every time: prompt, output limit, temperature and seed
 * come from the generator alone, no corpus and no network. It still has to be normalised like every user's request.
 */
export function drawSyntheticRequest(input: SyntheticRequestInput): Readonly<Record<string, unknown>> {
  return drawByFamily[input.task.family](input);
}
