import { createSseDecoder, protocolLimits, VisionError } from "@vision/protocol";
import type { Dispatcher } from "undici";
import { BackendError, type BackendPart } from "../inference-backend.js";

/**
 * Bytes of a body.
 *
 * @throws BackendError `failed` as soon as it is larger than `limitBytes`.
 */
export async function readBounded(body: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let totalBytes = 0;
  for await (const chunk of body) {
    totalBytes += chunk.byteLength;
    if (totalBytes > limitBytes)
      throw new BackendError({ code: "failed", message: `The model server's answer is larger than ${limitBytes} bytes.` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** An event with a reason for the end; text that an answer quotes has its quotes escaped. */
const FINISH_REASON = /"finish_reason"\s*:\s*"[^"]/;

/**
 * Events of a streamed answer as they come, up to the closing `[DONE]`, or to the end of the stream where an event said why the answer is
 * over: some servers close without more.
 *
 * @throws BackendError `failed` when the answer is no event stream, holds an error, is too large, or ends before either.
 */
export async function* readEvents(response: Dispatcher.ResponseData): AsyncGenerator<BackendPart, void> {
  const contentType = String(response.headers["content-type"] ?? "");
  if (!/^text\/event-stream\b/i.test(contentType)) {
    throw new BackendError({ code: "failed", message: `The model server answered a streamed request with content type "${contentType}".` });
  }
  const decoder = createSseDecoder();
  let hasFinished = false;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    for (const data of decode(decoder, chunk)) {
      if (data.trimEnd() === "[DONE]") return;
      hasFinished ||= FINISH_REASON.test(data);
      // Servers report what goes wrong in the middle of a stream as an event; parsing every event to find one would cost far more.
      if (/^\s*\{\s*"error"\s*:\s*(?!null\b)/.test(data)) {
        throw new BackendError({ code: "failed", message: `The model server broke off: ${data.slice(0, 500)}` });
      }
      yield { kind: "event", data };
    }
  }
  if (hasFinished) return;
  throw new BackendError({ code: "failed", message: `The model server's stream ended before [DONE], after ${protocolEnd(decoder)}.` });
}

function decode(decoder: ReturnType<typeof createSseDecoder>, chunk: Uint8Array): readonly string[] {
  try {
    return decoder.push(chunk);
  } catch (cause) {
    const message = VisionError.isInstance(cause)
      ? `The model server sends more than the protocol allows (${protocolLimits.eventBytes} bytes an event, ${protocolLimits.streamBytes} a stream).`
      : "The model server sends invalid UTF-8.";
    throw new BackendError({ code: "failed", message, cause });
  }
}

function protocolEnd(decoder: ReturnType<typeof createSseDecoder>): string {
  return decoder.hasPartialEvent() ? "half an event" : "a whole event";
}
