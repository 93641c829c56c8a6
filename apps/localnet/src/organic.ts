import { setTimeout as sleep } from "node:timers/promises";
import { type AddedParts, anySignal, createSseDecoder } from "@vision/protocol";
import type { OrganicRequest } from "./report-schema.js";
import type { UserDraft } from "./subnet.js";

/** Where users' requests go. */
export type OrganicTarget = { readonly baseUrl: string; readonly apiKey: string };

const isStream = (draft: UserDraft) => draft.body["stream"] === true;

/** What a user sees of an answer. Rejects when it is none that the family knows. */
async function readAnswer(draft: UserDraft, response: Response): Promise<string> {
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

/** As OpenAI's clients do unless told otherwise: a refusal for lack of room, or a failure of the server, is asked again twice. */
const MOST_RETRIES = 2;
const MOST_WAIT_MS = 5_000;

/** Waits as long as the refusal says. */
async function waitAsTold({ headers }: Response, signal: AbortSignal): Promise<void> {
  const seconds = Number(headers.get("retry-after") ?? 1);
  await sleep(Math.min(Number.isFinite(seconds) ? seconds * 1_000 : 1_000, MOST_WAIT_MS), undefined, { signal });
}

/** How one request went; null when it was given up because localnet stops. */
async function sendOne(
  target: OrganicTarget,
  draft: UserDraft,
  period: number | null,
  signal: AbortSignal,
): Promise<OrganicRequest | null> {
  const startedMs = performance.now();
  const outcome = { period, taskId: draft.taskId, isStream: isStream(draft) };
  const over = new AbortController();
  try {
    const send = () =>
      fetch(`${target.baseUrl}${draft.family.path}`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${target.apiKey}` },
        body: JSON.stringify(draft.body),
        signal: anySignal([signal, over.signal, AbortSignal.timeout(30_000)]),
      });
    let response = await send();
    for (let retry = 0; retry < MOST_RETRIES && (response.status === 429 || response.status >= 500); retry += 1) {
      await response.body?.cancel();
      await waitAsTold(response, signal);
      response = await send();
    }
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
  } finally {
    over.abort();
  }
}

/** Makes one round of a user's requests, one after the other, and tells how each went. Never rejects. */
export async function sendOrganicRound(
  target: OrganicTarget,
  drafts: readonly UserDraft[],
  period: number | null,
  signal: AbortSignal,
): Promise<readonly OrganicRequest[]> {
  const results: OrganicRequest[] = [];
  for (const draft of drafts) {
    const result = signal.aborted ? null : await sendOne(target, draft, period, signal);
    if (result === null) break;
    results.push(result);
  }
  return results;
}
