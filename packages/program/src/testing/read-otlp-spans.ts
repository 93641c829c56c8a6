/** A span as a collector gets it. */
export type ReceivedSpan = {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: "server" | "client" | "other";
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
  readonly hasFailed: boolean;
  /** Of the program that sent it. */
  readonly resource: Readonly<Record<string, unknown>>;
};

type Field = number | bigint | Uint8Array;
type Message = ReadonlyMap<number, readonly Field[]>;

/** Fields by number, as protobuf writes them; groups, which nobody writes any more, are not read. */
function readMessage(bytes: Uint8Array): Message {
  const fields = new Map<number, Field[]>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  /** Steps over so many bytes. Returns where they begin. */
  const skip = (length: number) => {
    const start = at;
    at += length;
    if (at > bytes.byteLength) throw new RangeError("a field is longer than its message");
    return start;
  };
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(skip(1));
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const readField = (wireType: number): Field => {
    switch (wireType) {
      case 0:
        return varint();
      case 1:
        return view.getBigUint64(skip(8), true);
      case 2: {
        const start = skip(Number(varint()));
        return bytes.subarray(start, at);
      }
      case 5:
        return view.getUint32(skip(4), true);
      default:
        throw new TypeError(`wire type ${wireType}`);
    }
  };
  while (at < bytes.byteLength) {
    const tag = Number(varint());
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), readField(tag & 7)]);
  }
  return fields;
}

const bytesOf = (message: Message, field: number): readonly Uint8Array[] =>
  (message.get(field) ?? []).filter((value) => value instanceof Uint8Array);
const messagesOf = (message: Message, field: number) => bytesOf(message, field).map(readMessage);
const textOf = (message: Message, field: number) => new TextDecoder().decode(bytesOf(message, field)[0]);
const hexOf = (message: Message, field: number) => Buffer.from(bytesOf(message, field)[0] ?? []).toString("hex");
const numberOf = (message: Message, field: number) => Number(message.get(field)?.[0] ?? 0);

function anyValueOf(value: Message): unknown {
  const [[field, [first] = []] = []] = [...value];
  switch (field) {
    case 1:
      return textOf(value, 1);
    case 2:
      return first === 1n;
    case 3:
      return Number(first);
    case 4:
      return Buffer.from(new BigUint64Array([first as bigint]).buffer).readDoubleLE();
    default:
      return value;
  }
}

function factsOf(message: Message, field: number): Readonly<Record<string, unknown>> {
  return Object.fromEntries(messagesOf(message, field).map((fact) => [textOf(fact, 1), anyValueOf(messagesOf(fact, 2)[0] ?? new Map())]));
}

const kinds: Readonly<Record<number, ReceivedSpan["kind"]>> = { 2: "server", 3: "client" };
const ERROR_STATUS = 2;

/** Reads the body of a request to `/v1/traces`: an ExportTraceServiceRequest of opentelemetry-proto. Field numbers are that file's. */
export function readOtlpSpans(body: Uint8Array): readonly ReceivedSpan[] {
  return messagesOf(readMessage(body), 1).flatMap((resourceSpans) => {
    const resource = factsOf(messagesOf(resourceSpans, 1)[0] ?? new Map(), 1);
    const spans = messagesOf(resourceSpans, 2).flatMap((scopeSpans) => messagesOf(scopeSpans, 2));
    return spans.map((span) => ({
      traceId: hexOf(span, 1),
      spanId: hexOf(span, 2),
      parentSpanId: hexOf(span, 4),
      name: textOf(span, 5),
      kind: kinds[numberOf(span, 6)] ?? "other",
      startedAtMs: numberOf(span, 7) / 1e6,
      endedAtMs: numberOf(span, 8) / 1e6,
      facts: factsOf(span, 9),
      events: messagesOf(span, 11).map((event) => textOf(event, 2)),
      hasFailed: numberOf(messagesOf(span, 15)[0] ?? new Map(), 3) === ERROR_STATUS,
      resource,
    }));
  });
}
