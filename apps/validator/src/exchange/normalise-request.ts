import {
  type ChatRequest,
  type CompletionRequest,
  chatMaxTokens,
  completionMaxTokens,
  DEFAULT_IMAGE_STEPS,
  type FamilyName,
  type ImageRequest,
  type Task,
} from "@vision/protocol";

/** What a body is made from. */
export type NormaliseRequestInput = {
  readonly task: Task;
  /** Parsed by the family's schema. */
  readonly request: unknown;
  /** Seed for a request that names none, 0 to 2^31 - 1. */
  readonly fallbackSeed: number;
};

type Body = Readonly<Record<string, unknown>>;
type Normalise = (input: NormaliseRequestInput) => Body;

/** OpenAI's default. */
const DEFAULT_TEMPERATURE = 1;
/** What open image servers and the embedded model are tuned for. */
const DEFAULT_GUIDANCE_SCALE = 3;

/** Fields that this file writes itself, that only concern the gateway, or that would tell who asks. */
const ownFields: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "prompt",
  "negative_prompt",
  "max_tokens",
  "max_completion_tokens",
  "temperature",
  "seed",
  "stream",
  "stream_options",
  "logprobs",
  "n",
  "size",
  "steps",
  "guidance_scale",
  "response_format",
  "user",
]);

/** Everything else that a user sent, in order of name; fields that are null or undefined are the same as absent. */
function otherFields(request: Body, dropped: ReadonlySet<string> = ownFields): Body {
  const names = Object.keys(request).filter((name) => !dropped.has(name) && request[name] !== null && request[name] !== undefined);
  return Object.fromEntries(names.sort().map((name) => [name, request[name]]));
}

// `response_format` of text tasks is the user's (JSON mode); only image bodies write it themselves.
const textOwnFields: ReadonlySet<string> = new Set([...ownFields].filter((name) => name !== "response_format"));

const streamFields = { stream: true, stream_options: { include_usage: true } } as const;

function normaliseChat({ task, request, fallbackSeed }: NormaliseRequestInput): Body {
  const chat = request as ChatRequest;
  return {
    model: task.id,
    messages: chat.messages,
    max_tokens: chatMaxTokens(chat),
    temperature: chat.temperature ?? DEFAULT_TEMPERATURE,
    seed: chat.seed ?? fallbackSeed,
    ...streamFields,
    logprobs: true,
    ...otherFields(chat, textOwnFields),
  };
}

function normaliseCompletion({ task, request, fallbackSeed }: NormaliseRequestInput): Body {
  const completion = request as CompletionRequest;
  return {
    model: task.id,
    prompt: completion.prompt,
    max_tokens: completionMaxTokens(completion),
    temperature: completion.temperature ?? DEFAULT_TEMPERATURE,
    seed: completion.seed ?? fallbackSeed,
    ...streamFields,
    // The number of alternatives; the chosen token's own logprob comes with any number.
    logprobs: Math.max(1, completion.logprobs ?? 1),
    ...otherFields(completion, textOwnFields),
  };
}

function normaliseImage({ task, request, fallbackSeed }: NormaliseRequestInput): Body {
  const image = request as ImageRequest;
  const size = image.size ?? task.imageSizes?.[0];
  return {
    model: task.id,
    prompt: image.prompt,
    ...(image.negative_prompt ? { negative_prompt: image.negative_prompt } : {}),
    n: image.n ?? 1,
    ...(size === undefined ? {} : { size }),
    steps: image.steps ?? DEFAULT_IMAGE_STEPS,
    guidance_scale: image.guidance_scale ?? DEFAULT_GUIDANCE_SCALE,
    seed: image.seed ?? fallbackSeed,
    response_format: "b64_json",
    ...otherFields(image),
  };
}

const normaliseByFamily: Readonly<Record<FamilyName, Normalise>> = {
  "chat-completions": normaliseChat,
  completions: normaliseCompletion,
  "image-generation": normaliseImage,
};

/**
 * The body that goes to a miner, the same fields in the same order for a user's request and for a synthetic one: the model is the task's
 * id, seed, temperature and output limit are always named, text is always streamed with logprobs (the gateway puts it together for users
 * who want a single body), `user` is left out. Unknown fields of a user pass through, after the known ones, in order of name.
 */
export function normaliseRequest(input: NormaliseRequestInput): Body {
  return normaliseByFamily[input.task.family](input);
}
