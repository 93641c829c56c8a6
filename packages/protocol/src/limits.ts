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
  /** Levels of arrays and objects in a JSON text. */
  jsonDepth: 64,
  /** Pieces of a JSON text: every value, and every name of a field. */
  jsonValues: 1_000_000,
  /** Messages of a chat request. */
  messages: 1024,
  /** Characters of a message's content or of a prompt. */
  contentCharacters: 1024 * 1024,
  /** Most tokens that a request can ask for. */
  outputTokens: 131_072,
  /** Most alternatives at a token that a request can ask for. */
  topLogprobs: 20,
  /** Stop sequences of a request. */
  stopSequences: 16,
  /** Denoising steps of an image. */
  imageSteps: 150,
  /** Longest side of an image, pixels. */
  imageSidePixels: 4096,
  /** Answers of text that one request of a user can ask for: prompts times `n`. */
  answers: 16,
  /** Largest picture to start from, bytes of the PNG. */
  startImageBytes: 3 * 1024 * 1024 - 64 * 1024,
  /** Most pixels of a picture to start from. */
  startImagePixels: 1024 * 1024,
  /** Images of one request. */
  images: 8,
  /** Texts of one request for embeddings. */
  embeddingInputs: 256,
  /** Longest vector of an embedding. */
  embeddingDimensions: 8192,
  /** Largest seed. */
  seed: 2 ** 31 - 1,
} as const;
