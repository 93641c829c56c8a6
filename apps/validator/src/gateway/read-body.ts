import type { IncomingMessage } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createGunzip } from "node:zlib";
import { findJsonExcess, replaceHalfCharacters } from "@vision/protocol";
import type { FormData } from "undici";
import type { HoldMeter } from "../ports/index.js";
import { ApiError } from "./api-error.js";
import type { BodyBounds } from "./body-bounds.js";
import { parseForm } from "./parse-form.js";

/** Bodies above it are parsed one after the other, each in a turn of the loop of its own, so that users' streams go on between them. */
const LARGE_BYTES = 64 * 1024;

function tooLarge(bytes: number): ApiError {
  return new ApiError({
    status: 413,
    code: "payload_too_large",
    message: `The body is too large: no model that is served here can use more than ${bytes} bytes.`,
  });
}

function invalid(message: string): ApiError {
  return new ApiError({ status: 400, code: "invalid_json", message });
}

/** Refuses what its headers say is too large or encoded in a way that is not read. @throws {@link ApiError} 413 or 415. */
export function assertReadable(request: IncomingMessage, { bytes }: BodyBounds): void {
  if (Number(request.headers["content-length"] ?? 0) > bytes) throw tooLarge(bytes);
  if (/^(identity|(x-)?gzip)$/i.test(request.headers["content-encoding"] ?? "identity")) return;
  throw new ApiError({
    status: 415,
    code: "unsupported_media_type",
    message: "Send the body as it is, or with Content-Encoding: gzip.",
  });
}

/** The bytes of a body, inflated; never more than the bound of them are held. */
async function collect(request: IncomingMessage, { bytes }: BodyBounds): Promise<Buffer> {
  const isZipped = /gzip/i.test(request.headers["content-encoding"] ?? "");
  const inflater = isZipped ? createGunzip() : null;
  const onClose = () => {
    if (!request.complete) inflater?.destroy();
  };
  request.once("close", onClose);
  const source = inflater === null ? request : request.pipe(inflater);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // The connection is still needed for the refusal.
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > bytes) throw tooLarge(bytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw invalid(request.complete ? "The body is not valid gzip." : "The body broke off.");
  } finally {
    request.off("close", onClose);
    if (inflater !== null) request.unpipe(inflater);
    inflater?.destroy();
  }
  return Buffer.concat(chunks, size);
}

/** What a body may be, and what measures the work on it. */
export type BodyReading = { readonly bounds: BodyBounds; readonly work: Pick<HoldMeter, "measure" | "measureTurn"> };

/** Reads bodies within bounds. What is larger, deeper or of more pieces reaches no parser. */
export type BodyReader = {
  /** The text of a body of JSON, when it may be parsed. */
  readJson(request: IncomingMessage, reading: BodyReading): Promise<string>;
  /** The fields and files of a form. */
  readForm(request: IncomingMessage, reading: BodyReading): Promise<FormData>;
};

/** A reader that lets large bodies take turns. @throws {@link ApiError} 400, 413 or 415 from the reader. */
export function createBodyReader(): BodyReader {
  let lastTurn: Promise<unknown> = Promise.resolve();
  async function read(request: IncomingMessage, bounds: BodyBounds): Promise<Buffer> {
    assertReadable(request, bounds);
    const bytes = await collect(request, bounds);
    if (bytes.length > LARGE_BYTES) {
      lastTurn = lastTurn.then(() => nextTurn());
      await lastTurn;
    }
    return bytes;
  }
  return {
    async readJson(request, { bounds, work }) {
      const bytes = await read(request, bounds);
      return work.measure(() => decode(bytes, bounds));
    },
    async readForm(request, { bounds, work }) {
      const bytes = await read(request, bounds);
      return work.measureTurn(() => parseForm(bytes, request.headers["content-type"] ?? ""));
    },
  };
}

function decode(bytes: Uint8Array, bounds: BodyBounds): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalid("The body is not valid UTF-8.");
  }
  // The text as a whole is a value too.
  const excess = findJsonExcess(text, { values: bounds.values + 1, areNamesCounted: false });
  if (excess === "depth") throw invalid("The body is nested too deep.");
  if (excess === "values") throw invalid(`The body has more than ${bounds.values} values.`);
  return replaceHalfCharacters(text);
}
