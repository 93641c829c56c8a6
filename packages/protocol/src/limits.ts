/** Hard bounds of the protocol. What exceeds them is refused at the edge and never reaches a parser or a model. */
export const protocolLimits = {
  /** Largest request body, bytes. */
  requestBytes: 4 * 1024 * 1024,
  /** Largest answer that is not streamed, bytes. */
  responseBytes: 16 * 1024 * 1024,
  /** Largest single server-sent event, bytes. */
  eventBytes: 1024 * 1024,
  /** Largest stream, bytes. */
  streamBytes: 64 * 1024 * 1024,
  /** Largest capacity answer, bytes. */
  capacityBytes: 256 * 1024,
  messages: 1024,
  contentCharacters: 1024 * 1024,
  outputTokens: 131_072,
  topLogprobs: 20,
  stopSequences: 16,
  imageSteps: 150,
  imageSidePixels: 4096,
  images: 8,
  seed: 2 ** 31 - 1,
} as const;
