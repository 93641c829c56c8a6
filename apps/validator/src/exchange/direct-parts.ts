/** What was sent of an answer's parts on a way of their own. */
export type SentParts = {
  /** Messages of parts; whoever takes them waits for as many before the answer is over. */
  readonly messageCount: number;
  /** The last events, which went with none of them, packed as they were; empty where there are none. */
  readonly rest: string;
};

/** The way of an answer's parts from where they are read to where they are wanted, past whoever asks. */
export type DirectParts = {
  /** What the answer is called on that way. */
  readonly id: number;
  /** Told what went that way once the answer is over, before the reply is handed over. Not told where nobody was asked. */
  readonly onSent: (sent: SentParts) => void;
};
