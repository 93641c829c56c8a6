/** What a benchmark of the gateway asks for. */
export type Ask = {
  /** Length of the answer, tokens. */
  readonly tokens: number;
  readonly isStream: boolean;
  /** Whether its events come one every {@link PACE_MS} instead of at once. */
  readonly isPaced?: boolean;
};

/** Milliseconds between the events of a paced answer: 50 tokens a second. */
export const PACE_MS = 20;
const PACED = "Slowly";

/** The body of the request of this number. */
export function toRequest({ tokens, isStream, isPaced = false }: Ask, number: number): string {
  const content = `${isPaced ? PACED : "Question"} ${number}`;
  return JSON.stringify({ model: "chat-tiny", messages: [{ role: "user", content }], max_tokens: tokens, stream: isStream });
}

/** What a request asks for; the only ones that come are those of {@link toRequest}, through whatever stands between. */
export function readAsked(request: unknown): Required<Ask> {
  const { max_tokens, stream, messages } = request as ReturnType<typeof JSON.parse>;
  return { tokens: max_tokens, isStream: stream === true, isPaced: JSON.stringify(messages).includes(PACED) };
}
