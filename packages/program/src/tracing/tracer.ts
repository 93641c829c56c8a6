/** What a span says besides its times. Never anything of a prompt, of an answer or of a key. */
export type SpanFacts = Readonly<Record<string, string | number | boolean | undefined>>;

/** A span that is begun. */
export type SpanStart = {
  /** `server`: somebody asked this program; `client`: it asks somebody. */
  readonly kind: "server" | "client";
  readonly facts: SpanFacts;
  /** When it began, milliseconds since 1970; now where it is left out. */
  readonly startedAtMs?: number | undefined;
};

/** One step of a request's way. What is told of it after its end is lost. */
export type TraceSpan = {
  startChild(name: string, start: SpanStart): TraceSpan;
  /** Adds to what it says. */
  note(facts: SpanFacts): void;
  /** Something happened now. */
  mark(event: string): void;
  /** It did not do what it was for. `errorType`: one of few words, never a message. */
  fail(errorType: string): void;
  /** W3C's `traceparent`, by which a server of the same operator makes its spans children of this one. Miners are never sent it. */
  traceparent(): string;
  /** Ends it; the first call counts. */
  end(): void;
};

/** Makes spans and sends them to a collector. Where traces are off there is none, and nothing is paid. */
export type Tracer = {
  /**
   * Begins a span without a parent here.
   *
   * @param options - `parent`: a caller's `traceparent` and `tracestate`; what is not well formed is passed over.
   */
  start(name: string, options: SpanStart & { readonly parent?: TraceParent }): TraceSpan;
  /** Sends what is left, for two seconds at most. */
  close(): Promise<void>;
};

/** Who sends traces. */
export type TracedProgram = {
  /** Its `service.name`, unless `OTEL_SERVICE_NAME` has another. */
  readonly name: string;
  readonly version: string;
  /** Tells this one from others of the name: the hotkey's address. */
  readonly instance: string;
};

/** A caller's headers of W3C's trace context. */
export type TraceParent = { readonly traceparent?: string | undefined; readonly tracestate?: string | undefined };
