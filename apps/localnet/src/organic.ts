import { chatChunkSchema, completionResponseSchema, createSseDecoder, imageResponseSchema } from "@vision/protocol";
import type { OrganicRequest } from "./report-schema.js";

/** Where users' requests go. */
export type OrganicTarget = { readonly baseUrl: string; readonly apiKey: string };

type Draft = {
  readonly taskId: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly isStream: boolean;
};

const capitals = ["Italy", "France", "Japan", "Peru", "Kenya", "Norway", "Chile", "Egypt"];
const pictures = ["red apple", "rocket", "panda face", "blue heart", "sun", "strawberry", "fish", "star"];

/** A user's requests of one round: chat with and without a stream, a completion, an image. */
function draftRequests(round: number): readonly Draft[] {
  const country = capitals[round % capitals.length] ?? "Italy";
  const messages = [{ role: "user", content: `What is the capital of ${country}?` }];
  return [
    {
      taskId: "chat-tiny",
      path: "/v1/chat/completions",
      body: { model: "chat-tiny", messages, max_tokens: 24, stream: true },
      isStream: true,
    },
    { taskId: "chat-tiny", path: "/v1/chat/completions", body: { model: "chat-tiny", messages, max_tokens: 24 }, isStream: false },
    {
      taskId: "completion-tiny",
      path: "/v1/completions",
      body: { model: "completion-tiny", prompt: "Once upon a time", max_tokens: 24 },
      isStream: false,
    },
    {
      taskId: "image-tiny",
      path: "/v1/images/generations",
      body: { model: "image-tiny", prompt: pictures[round % pictures.length], steps: 6, response_format: "b64_json" },
      isStream: false,
    },
  ];
}

async function readStream(response: Response): Promise<string> {
  const decoder = createSseDecoder();
  let text = "";
  if (response.body === null) return text;
  for await (const bytes of response.body) {
    for (const event of decoder.push(bytes)) {
      if (event !== "[DONE]") text += chatChunkSchema.parse(JSON.parse(event)).choices[0]?.delta?.content ?? "";
    }
  }
  return text;
}

async function readAnswer(draft: Draft, response: Response): Promise<string> {
  if (draft.isStream) return readStream(response);
  const body: unknown = await response.json();
  const image = imageResponseSchema.safeParse(body);
  if (image.success) return `image, ${image.data.data[0]?.b64_json.length ?? 0} characters of base64`;
  const completion = completionResponseSchema.safeParse(body);
  if (completion.success) return completion.data.choices[0]?.text ?? "";
  return (body as { choices?: { message?: { content?: string } }[] }).choices?.[0]?.message?.content ?? "";
}

async function sendOne(target: OrganicTarget, draft: Draft, period: number | null, signal: AbortSignal): Promise<OrganicRequest> {
  const startedMs = performance.now();
  const outcome = { period, taskId: draft.taskId, isStream: draft.isStream };
  try {
    const response = await fetch(`${target.baseUrl}${draft.path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${target.apiKey}` },
      body: JSON.stringify(draft.body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
    });
    const text = response.ok ? await readAnswer(draft, response) : (await response.text()).slice(0, 300);
    return {
      ...outcome,
      status: response.status,
      isOk: response.ok && text.length > 0,
      answer: text.slice(0, 200),
      durationMs: performance.now() - startedMs,
    };
  } catch (error) {
    return { ...outcome, status: null, isOk: false, answer: String(error).slice(0, 300), durationMs: performance.now() - startedMs };
  }
}

/** Makes one round of a user's requests, one after the other, and tells how each went. Never rejects. */
export async function sendOrganicRound(
  target: OrganicTarget,
  round: number,
  period: number | null,
  signal: AbortSignal,
): Promise<readonly OrganicRequest[]> {
  const results: OrganicRequest[] = [];
  for (const draft of draftRequests(round)) {
    if (signal.aborted) break;
    results.push(await sendOne(target, draft, period, signal));
  }
  return results;
}
