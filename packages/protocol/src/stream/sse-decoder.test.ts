import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { VisionError } from "../errors/vision-error.js";
import { createSseDecoder } from "./sse-decoder.js";
import { encodeEvent } from "./sse-encoder.js";

const encode = (text: string) => new TextEncoder().encode(text);

describe("createSseDecoder", () => {
  it("gives the same events however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" }), { maxLength: 8 }), fc.array(fc.nat(200), { maxLength: 12 }), (values, cuts) => {
        const bytes = encode(values.map((value) => encodeEvent({ value })).join(""));
        const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const decoder = createSseDecoder();
        const events = edges.slice(1).flatMap((end, index) => decoder.push(bytes.subarray(edges[index], end)));
        expect(events).toEqual(values.map((value) => JSON.stringify({ value })));
        expect(decoder.hasPartialEvent()).toBe(false);
      }),
    );
  });

  it.each([
    ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n"],
    ["CR", "data: a\r\rdata: b\r\r\n"],
    ["LF", "data: a\n\ndata: b\n\n"],
    ["comments and other fields", ": ping\nevent: x\nid: 1\ndata: a\n\n:\n\ndata:b\n\n"],
  ])("reads %s", (_name, text) => {
    const decoder = createSseDecoder();
    expect([...encode(text)].flatMap((byte) => decoder.push(Uint8Array.of(byte)))).toEqual(["a", "b"]);
  });

  it("joins several data lines of one event with line feeds", () => {
    expect(createSseDecoder().push(encode("data: a\ndata: b\n\n"))).toEqual(["a\nb"]);
  });

  it("tells that a stream was cut inside an event", () => {
    const decoder = createSseDecoder();
    decoder.push(encode('data: {"a":'));
    expect(decoder.hasPartialEvent()).toBe(true);
  });

  it("refuses an event without end before it fills the memory", () => {
    const decoder = createSseDecoder({ eventBytes: 100, streamBytes: 10_000 });
    let error: unknown;
    try {
      for (let index = 0; index < 20; index += 1) decoder.push(encode("data: xxxxxxxxxx"));
    } catch (thrown) {
      error = thrown;
    }
    expect(VisionError.isInstance(error, "PROTOCOL_STREAM_TOO_LARGE")).toBe(true);
  });

  it("refuses a stream without end", () => {
    const decoder = createSseDecoder({ eventBytes: 1000, streamBytes: 100 });
    expect(() => {
      for (let index = 0; index < 20; index += 1) decoder.push(encode("data: x\n\n"));
    }).toThrow(/stream is larger than 100 bytes/);
  });

  it("refuses invalid UTF-8", () => {
    expect(() => createSseDecoder().push(Uint8Array.of(0x64, 0xff, 0xfe))).toThrow(/not valid/);
  });

  it("does not look at a long event again for every byte that is added to it", () => {
    const decoder = createSseDecoder();
    const byte = encode("x");
    decoder.push(encode("data: "));
    const startedMs = performance.now();
    for (let index = 0; index < 500_000; index += 1) decoder.push(byte);
    // Linear: well under a second. Scanning the whole event each time: 125 GB to read, minutes.
    expect(performance.now() - startedMs).toBeLessThan(20_000);
    expect(decoder.push(encode("\n\n"))[0]).toHaveLength(500_000);
  });

  it("refuses an event of data lines without data before they fill the memory", () => {
    const decoder = createSseDecoder({ eventBytes: 100, streamBytes: 10_000 });
    expect(() => decoder.push(encode("data:\n".repeat(200)))).toThrow(/event is larger than 100 bytes/);
  });

  it("takes CR and LF in two chunks for one line end", () => {
    const decoder = createSseDecoder();
    expect(["data: a\r", "\ndata: b\r", "\n\r", "\n"].flatMap((text) => decoder.push(encode(text)))).toEqual(["a\nb"]);
    expect(decoder.hasPartialEvent()).toBe(false);
  });

  it("regression: an answer was lost over an event that only kept its connection open", () => {
    expect(createSseDecoder().push(encode('event: ping\ndata: {"type": "ping"}\n\ndata: a\n\nevent: other\ndata: b\n\n'))).toEqual([
      "a",
      "b",
    ]);
  });
});
