/** What an Epistula signature covers. */
export type EpistulaMessage = {
  /** SHA-256 of the exact body bytes, lower-case hex; of the empty string for an empty body. */
  readonly bodySha256Hex: string;
  readonly uuid: string;
  /** Unix time in milliseconds. */
  readonly timestampMs: number;
  /** ss58 address of the receiver, or "" for none. */
  readonly signedFor: string;
};

/** The one string that an Epistula version 2 signature is over: `{sha256}.{uuid}.{timestamp}.{signed_for}`. */
export function epistulaMessage(message: EpistulaMessage): string {
  return `${message.bodySha256Hex}.${message.uuid}.${message.timestampMs}.${message.signedFor}`;
}

/** What a session MAC covers. */
export type SessionMessage = {
  readonly sessionId: string;
  readonly method: string;
  /** Path with query string, as sent. */
  readonly path: string;
  readonly bodySha256Hex: string;
  readonly timestampMs: number;
  readonly counter: number;
};

/** The one string that a session MAC is over. Fields are separated by line feeds, which none of them can hold. */
export function sessionMessage(message: SessionMessage): string {
  return `vision-session-v1\n${message.sessionId}\n${message.method}\n${message.path}\n${message.bodySha256Hex}\n${message.timestampMs}\n${message.counter}`;
}
