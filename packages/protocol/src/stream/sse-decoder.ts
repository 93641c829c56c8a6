import { VisionError } from "../errors/vision-error.js";
import { protocolLimits } from "../limits.js";

/** Bytes in, events out. */
export type SseDecoder = {
  /**
   * Feeds bytes as they arrive, cut anywhere. Returns the `data` of every event that is now complete.
   *
   * @throws {@link VisionError} `PROTOCOL_STREAM_TOO_LARGE` above the limits; TypeError on invalid UTF-8.
   */
  push(bytes: Uint8Array): readonly string[];
  /** True when bytes of an unfinished event are left over: the stream was cut. */
  hasPartialEvent(): boolean;
};

/** Limits of a decoder, bytes. */
export type SseDecoderLimits = { readonly eventBytes: number; readonly streamBytes: number };

/**
 * Decoder of a server-sent event stream (WHATWG HTML, section 9.2): any line ending, comments ignored, several `data` lines joined.
 */
export function createSseDecoder(limits: SseDecoderLimits = protocolLimits): SseDecoder {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let buffer = "";
  let data: string[] = [];
  let dataLength = 0;
  let totalBytes = 0;

  const refuseAbove = (value: number, limit: number, what: string) => {
    if (value > limit) {
      throw new VisionError({ code: "PROTOCOL_STREAM_TOO_LARGE", message: `A ${what} is larger than ${limit} bytes.`, facts: { limit } });
    }
  };

  return {
    push(bytes) {
      totalBytes += bytes.byteLength;
      refuseAbove(totalBytes, limits.streamBytes, "stream");
      buffer += decoder.decode(bytes, { stream: true });
      const events: string[] = [];
      let start = 0;
      for (;;) {
        const match = nextLineEnd(buffer, start);
        if (match === null) break;
        const line = buffer.slice(start, match.at);
        start = match.next;
        if (line === "") {
          if (data.length > 0) events.push(data.length === 1 ? (data[0] ?? "") : data.join("\n"));
          data = [];
          dataLength = 0;
        } else if (line.startsWith("data:")) {
          const value = line.startsWith("data: ") ? line.slice(6) : line.slice(5);
          dataLength += value.length;
          refuseAbove(dataLength, limits.eventBytes, "server-sent event");
          data.push(value);
        }
      }
      buffer = buffer.slice(start);
      refuseAbove(buffer.length + dataLength, limits.eventBytes, "server-sent event");
      return events;
    },
    hasPartialEvent: () => buffer.trim() !== "" || data.length > 0,
  };
}

function nextLineEnd(text: string, from: number): { readonly at: number; readonly next: number } | null {
  const lineFeed = text.indexOf("\n", from);
  const carriageReturn = text.indexOf("\r", from);
  if (carriageReturn !== -1 && (lineFeed === -1 || carriageReturn < lineFeed)) {
    // A lone CR at the very end may be the first half of CRLF.
    if (carriageReturn === text.length - 1) return null;
    return { at: carriageReturn, next: text[carriageReturn + 1] === "\n" ? carriageReturn + 2 : carriageReturn + 1 };
  }
  return lineFeed === -1 ? null : { at: lineFeed, next: lineFeed + 1 };
}
