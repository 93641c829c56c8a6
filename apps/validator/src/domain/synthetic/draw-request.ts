import type { FamilyName, Task } from "@vision/protocol";
import { drawBetween, drawInt, pick, type Random } from "../random.js";
import { drawMaxTokens, drawSeed, drawTemperature } from "./request-shape.js";
import { fillTemplate, simpleOpenings, simpleQuestions, wideOpenings, wideQuestions } from "./text-prompts.js";
import { adjectives, colours, pictures } from "./words.js";

/** What a synthetic request is drawn from. */
export type SyntheticRequestInput = {
  readonly task: Task;
  readonly random: Random;
  /** Most work units that the request may ask for. */
  readonly maxUnits: number;
};

type Draw = (input: SyntheticRequestInput) => Readonly<Record<string, unknown>>;

// A model with so short a context is a toy that knows stories, sums and capitals; asking it for essays measures nothing.
const SMALL_CONTEXT_TOKENS = 1024;

function isSmall(task: Task): boolean {
  return (task.contextTokens ?? Number.POSITIVE_INFINITY) <= SMALL_CONTEXT_TOKENS;
}

function drawMessages(random: Random, task: Task): readonly { readonly role: string; readonly content: string }[] {
  const question = fillTemplate(random, isSmall(task) ? simpleQuestions : wideQuestions);
  const user = { role: "user", content: question };
  return random.next() < 0.25 ? [{ role: "system", content: "You are a helpful assistant." }, user] : [user];
}

const drawChat: Draw = ({ task, random, maxUnits }) => ({
  model: task.id,
  messages: drawMessages(random, task),
  max_tokens: drawMaxTokens(random, task, maxUnits),
  temperature: drawTemperature(random, task),
  seed: drawSeed(random),
  stream: random.next() < 0.7,
});

const drawCompletion: Draw = ({ task, random, maxUnits }) => ({
  model: task.id,
  prompt: fillTemplate(random, isSmall(task) ? simpleOpenings : wideOpenings),
  max_tokens: drawMaxTokens(random, task, maxUnits),
  temperature: drawTemperature(random, task),
  seed: drawSeed(random),
  stream: random.next() < 0.7,
});

function drawPicturePrompt(random: Random): string {
  const picture = pick(random, pictures);
  const place = random.next() < 0.5 ? ` on ${pick(random, colours)}` : "";
  const colour = random.next() < 0.4 ? `${pick(random, colours)} ` : "";
  const adjective = random.next() < 0.3 ? `${pick(random, adjectives)} ` : "";
  return `${adjective}${colour}${picture}${place}`;
}

const drawImage: Draw = ({ task, random, maxUnits }) => {
  const typical = task.typicalUnitsPerRequest;
  const steps = Math.max(1, Math.min(drawInt(random, Math.ceil(typical * 0.5), Math.ceil(typical * 1.5)), Math.floor(maxUnits)));
  const sizes = task.imageSizes ?? [];
  return {
    model: task.id,
    prompt: drawPicturePrompt(random),
    ...(sizes.length > 0 ? { size: sizes[random.nextInt(sizes.length)] } : {}),
    steps,
    seed: drawSeed(random),
    guidance_scale: Math.round(drawBetween(random, 2, 4) * 2) / 2,
  };
};

const drawByFamily: Readonly<Record<FamilyName, Draw>> = {
  "chat-completions": drawChat,
  completions: drawCompletion,
  "image-generation": drawImage,
};

/**
 * A request as a user of the task might send it, drawn anew every time and never used again: prompt, output limit, temperature and seed
 * come from the generator alone, no corpus and no network. It still has to be normalised like every user's request.
 */
export function drawSyntheticRequest(input: SyntheticRequestInput): Readonly<Record<string, unknown>> {
  return drawByFamily[input.task.family](input);
}
