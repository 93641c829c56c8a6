import { type AddedParts, createSseDecoder, getFamily, type TaskFamily } from "@vision/protocol";
import type { OrganicRequest } from "./report-schema.js";

/** Where users' requests go. */
export type OrganicTarget = { readonly baseUrl: string; readonly apiKey: string };

type Draft = {
  readonly taskId: string;
  readonly family: TaskFamily;
  readonly body: Readonly<Record<string, unknown>>;
};

const capitals = ["Italy", "France", "Japan", "Peru", "Kenya", "Norway", "Chile", "Egypt"];
const pictures = ["red apple", "rocket", "panda face", "blue heart", "sun", "strawberry", "fish", "star"];

/** A user's requests of one round: chat with and without a stream, a completion, an image. */
function draftRequests(round: number): readonly Draft[] {
  const country = capitals[round % capitals.length] ?? "Italy";
  const messages = [{ role: "user", content: `What is the capital of ${country}?` }];
  const chat = { model: "chat-tiny", messages, max_tokens: 24 };
  return [
    { taskId: "chat-tiny", family: getFamily("chat-completions"), body: { ...chat, stream: true } },
    { taskId: "chat-tiny", family: getFamily("chat-completions"), body: chat },
    {
      taskId: "completion-tiny",
      family: getFamily("completions"),
      body: { model: "completion-tiny", prompt: "Once upon a time", max_tokens: 24 },
    },
    {
      taskId: "image-tiny",
      family: getFamily("image-generation"),
      body: { model: "image-tiny", prompt: pictures[round % pictures.length], steps: 6, response_format: "b64_json" },
    },
  ];
}

const isStream = (draft: Draft) => draft.body["stream"] === true;

/** What a user sees of an answer. Rejects when it is none that the family knows. */
async function readAnswer(draft: Draft, response: Response): Promise<string> {
  const collector = draft.family.createCollector(draft.family.requestSchema.parse(draft.body));
  const refuse = (added: AddedParts) => {
    if (!added.ok) throw new Error(added.reason);
  };
  if (isStream(draft) && response.body !== null) {
    const decoder = createSseDecoder();
    for await (const bytes of response.body) {
      for (const data of decoder.push(bytes)) if (data !== "[DONE]") refuse(collector.addEvent(JSON.parse(data)));
    }
  } else refuse(collector.addBody(await response.json()));
  const finished = collector.finish();
  if (!finished.ok) throw new Error(finished.reason);
  const { answer } = finished;
  switch (answer.kind) {
    case "text":
      return answer.text;
    case "images":
      return `image, ${answer.imagesBase64[0]?.length ?? 0} characters of base64`;
    case "vectors":
      return `${answer.vectorsBase64.length} vectors, ${answer.vectorsBase64[0]?.length ?? 0} characters of base64 each`;
  }
}

/** How one request went; null when it was given up because localnet stops. */
async function sendOne(target: OrganicTarget, draft: Draft, period: number | null, signal: AbortSignal): Promise<OrganicRequest | null> {
  const startedMs = performance.now();
  const outcome = { period, taskId: draft.taskId, isStream: isStream(draft) };
  try {
    const response = await fetch(`${target.baseUrl}${draft.family.path}`, {
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
    if (signal.aborted) return null;
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
    const result = signal.aborted ? null : await sendOne(target, draft, period, signal);
    if (result === null) break;
    results.push(result);
  }
  return results;
}
