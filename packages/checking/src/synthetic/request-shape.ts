import { DEFAULT_MAX_TOKENS, protocolLimits, type Task } from "@vision/protocol";
import { drawBetween, drawInt, pick, type Random } from "@vision/scoring/probing";

type Fields = Readonly<Record<string, unknown>>;

// A model with so short a context is a toy that knows stories, sums and capitals; asking it for essays measures nothing.
const SMALL_CONTEXT_TOKENS = 1024;

/** Whether a task's model is one for simple questions only. */
export function isSmallTask(task: Task): boolean {
  return (task.contextTokens ?? Number.POSITIVE_INFINITY) <= SMALL_CONTEXT_TOKENS;
}

/** Half of a short context is left to the answer, and the embedded vocabularies need a token for two or three of these characters. */
const PROMPT_CHARACTERS_PER_CONTEXT_TOKEN = 0.9;

/** Longest that what is said in a task's requests is together, characters. */
export function mostPromptCharacters({ contextTokens }: Task): number {
  return (contextTokens ?? Number.POSITIVE_INFINITY) * PROMPT_CHARACTERS_PER_CONTEXT_TOKEN;
}

/** At temperature 0 every answer is judged token by token; above it only those whose draws can be repeated. */
const GREEDY_FRACTION = { repeatable: 0.4, unknown: 0.6 } as const;

/** Temperatures as users send them: often 0 or OpenAI's default, which is also what holds where none is named; otherwise a round number between. */
export function drawTemperature(random: Random, task: Task): number {
  const hasUnknown = task.check.kind === "teacher-forcing" && task.check.samplers.includes("unknown");
  if (random.next() < GREEDY_FRACTION[hasUnknown ? "unknown" : "repeatable"]) return 0;
  const draw = random.next();
  if (draw < 0.55) return 1;
  if (draw < 0.75) return 0.7;
  return Math.round(drawBetween(random, 0.1, 1.2) * 10) / 10;
}

/** A seed, over the whole range that the protocol allows. */
export function drawSeed(random: Random): number {
  return drawInt(random, 0, protocolLimits.seed);
}

/** Of the requests of users, that name no output limit. */
const UNLIMITED_FRACTION = 0.35;
/** Most that requests without a limit may add to the mean, in typical requests: theirs is fixed, and far above a small task's. */
const UNLIMITED_SHARE = 0.3;
/** Mean of all output limits, in typical requests. */
const MEAN_FACTOR = 1.1;
const LONG_FRACTION = 0.1;

/** Of the limits, that are not one of the round numbers that people write. */
const UNEVEN_FRACTION = 0.1;

/** Limits as programs name them, tokens: some want a word, most leave room for whatever may come. */
const usualLimits = [
  ...[1, 5, 5, 8, 10, 10, 16, 16, 20, 24, 30, 32, 40, 50, 50, 60, 64, 64, 75, 80, 96, 100, 100, 100, 120, 128, 128, 150, 150, 180],
  ...[200, 200, 250, 256, 256, 256, 300, 300, 350, 400, 400, 500, 500, 500, 512, 512, 512, 600, 700, 750, 768, 800, 800, 900],
  ...[1000, 1000, 1000, 1024, 1024, 1024, 1200, 1500, 1536, 2000, 2000, 2048, 2048, 2048, 2500, 3000, 3072, 4000, 4000, 4096, 4096],
] as const;

/**
 * Output limit of a text request as its fields: none, as many users have it (the default for it then holds), or one within the context and
 * the bound given, at least 1.
 *
 * A small task's model talks until it is cut off: its limits are around the typical size, now and then twice as long, and their mean is
 * {@link MEAN_FACTOR} times that where there is room, so that a plan's requests reach its volume. Others end by themselves, whatever room
 * they are left: their limits are those that programs name, which say little about the length.
 */
export function drawOutputLimit(
  random: Random,
  task: Task,
  { maxUnits, names }: { readonly maxUnits: number; readonly names: readonly [string, ...string[]] },
): Fields {
  const typical = task.typicalUnitsPerRequest;
  // Prompts of this generator stay below half of any context that a task may have.
  const bound = Math.min(
    Math.floor((task.contextTokens ?? protocolLimits.outputTokens) / 2),
    Math.floor(maxUnits),
    protocolLimits.outputTokens,
  );
  const unlimited = bound < DEFAULT_MAX_TOKENS ? 0 : Math.min(UNLIMITED_FRACTION, (UNLIMITED_SHARE * typical) / DEFAULT_MAX_TOKENS);
  const isUnlimited = random.next() < unlimited;
  const factor = random.next() < LONG_FRACTION ? drawBetween(random, 1.5, 2.5) : drawBetween(random, 0.5, 1.5);
  const name = pick(random, names);
  if (isUnlimited) return {};
  if (!isSmallTask(task)) return { [name]: Math.max(1, Math.min(drawUsualLimit(random), bound)) };
  const centre = (MEAN_FACTOR * typical - unlimited * DEFAULT_MAX_TOKENS) / (MEAN_FACTOR * (1 - unlimited));
  return { [name]: Math.max(1, Math.min(Math.round(centre * factor), bound)) };
}

/** One that is usual, and now and then any other between the smallest and the largest, so that none is impossible. */
function drawUsualLimit(random: Random): number {
  if (random.next() >= UNEVEN_FRACTION) return usualLimits[random.nextInt(usualLimits.length)] ?? 256;
  return Math.round(Math.exp(drawBetween(random, 0, Math.log(4_096))));
}

type Stop = string | readonly string[];

const topPs = [0.9, 0.95, 0.8, 0.5, 0.99, 1] as const;
const stops: readonly [Stop, ...Stop[]] = [
  ["\n\n"],
  "\n\n",
  ["###"],
  ["User:", "Assistant:"],
  ["\nUser:"],
  "END",
  ["</s>"],
  ["\nQ:", "\n\n\n"],
];
const penalties = [0, 0.1, 0.2, 0.5, 1] as const;

/**
 * Fields that users add now and then, each on its own: so that none of them tells a user's request. All leave the answers of every sampler
 * checkable but the penalties, whose requests only count for reliability where the sampler is not part of the task. A task that samples by
 * temperature and seed alone gets the values that change nothing, as its users' requests do: others are refused at the gateway.
 */
export function drawTextExtras(random: Random, { capabilities }: Task): Fields {
  const isShaped = capabilities?.includes("sampling") ?? true;
  // Some client libraries send all their defaults.
  if (random.next() < 0.04) return { top_p: 1, n: 1, frequency_penalty: 0, presence_penalty: 0 };
  const fields: Record<string, unknown> = {};
  if (random.next() < 0.15) fields["top_p"] = isShaped ? pick(random, topPs) : 1;
  if (random.next() < 0.08) fields["stop"] = pick(random, stops);
  if (random.next() < 0.04) fields["frequency_penalty"] = isShaped ? pick(random, penalties) : 0;
  if (random.next() < 0.04) fields["presence_penalty"] = isShaped ? pick(random, penalties) : 0;
  if (random.next() < 0.08) fields["n"] = 1;
  return fields;
}
