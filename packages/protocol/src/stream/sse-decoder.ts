import { VisionError } from "../errors/vision-error.js";
import { protocolLimits } from "../limits.js";

/** Bytes in, events out. */
export type SseDecoder = {
  /**
   * Feeds bytes as they arrive, cut anywhere. Returns the `data` of every event that is now complete. Every byte is looked at once,
   * however the stream is cut.
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
 * Decoder of a server-sent event stream (WHATWG HTML, section 9.2): any line ending, comments ignored, several `data` lines joined. Events
 * named `ping` only keep a connection open and are left out.
 */
export function createSseDecoder(limits: SseDecoderLimits = protocolLimits): SseDecoder {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  // Pieces of the line that has not ended yet. Joined once, when it ends: adding to one string would copy it again for every chunk.
  let pieces: string[] = [];
  let partialLength = 0;
  let data: string[] = [];
  let isPing = false;
  let dataLength = 0;
  let totalBytes = 0;
  let wasCarriageReturn = false;

  const refuseAbove = (value: number, limit: number, what: string) => {
    if (value > limit) {
      throw new VisionError({ code: "PROTOCOL_STREAM_TOO_LARGE", message: `A ${what} is larger than ${limit} bytes.`, facts: { limit } });
    }
  };

  const endLine = (rest: string): string => {
    if (pieces.length === 0) return rest;
    pieces.push(rest);
    const line = pieces.join("");
    pieces = [];
    partialLength = 0;
    return line;
  };

  /** Takes a whole line in; returns the data of the event that it ends, if it ends one. */
  const addLine = (line: string): string | null => {
    if (line === "") {
      const event = data.length === 0 || isPing ? null : data.join("\n");
      data = [];
      dataLength = 0;
      isPing = false;
      return event;
    }
    if (line === "event: ping" || line === "event:ping") isPing = true;
    if (line.startsWith("data:")) {
      const value = line.startsWith("data: ") ? line.slice(6) : line.slice(5);
      dataLength += value.length + 1; // an empty line of data takes memory too
      refuseAbove(dataLength, limits.eventBytes, "server-sent event");
      data.push(value);
    }
    return null;
  };

  return {
    push(bytes) {
      totalBytes += bytes.byteLength;
      refuseAbove(totalBytes, limits.streamBytes, "stream");
      const text = decoder.decode(bytes, { stream: true });
      const events: string[] = [];
      if (text === "") return events;
      // The line ended at the CR already; a line feed after it is the other half of CRLF.
      let start = wasCarriageReturn && text.startsWith("\n") ? 1 : 0;
      wasCarriageReturn = text.endsWith("\r");
      let lineFeed = text.indexOf("\n", start);
      let carriageReturn = text.indexOf("\r", start);
      while (lineFeed !== -1 || carriageReturn !== -1) {
        const isLineFeed = carriageReturn === -1 || (lineFeed !== -1 && lineFeed < carriageReturn);
        const at = isLineFeed ? lineFeed : carriageReturn;
        const event = addLine(endLine(text.slice(start, at)));
        if (event !== null) events.push(event);
        start = !isLineFeed && text[at + 1] === "\n" ? at + 2 : at + 1;
        if (lineFeed !== -1 && lineFeed < start) lineFeed = text.indexOf("\n", start);
        if (carriageReturn !== -1 && carriageReturn < start) carriageReturn = text.indexOf("\r", start);
      }
      if (start < text.length) {
        pieces.push(text.slice(start));
        partialLength += text.length - start;
      }
      refuseAbove(partialLength + dataLength, limits.eventBytes, "server-sent event");
      return events;
    },
    hasPartialEvent: () => data.length > 0 || pieces.some((piece) => piece.trim() !== ""),
  };
}
