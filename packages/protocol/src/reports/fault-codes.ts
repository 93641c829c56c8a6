/**
 * What a check found wrong with an answer, for programs; the words beside it are for people. `tooLong`: more tokens than asked for.
 * `unknownToken`, `noLogprobs`, `otherText`, `otherPrompt`: the answer's parts do not fit each other or the request. `cutOff`, `brokenEnd`,
 * `wrongEnd`, `pastStop`, `rambling`: it ends where it should not, or not where it should. `otherTokens`, `unlikelyTokens`,
 * `otherLogprobs`: not what the task's model gives. `imageCount`, `brokenImage`, `imageSize`, `otherImage`: the same of pictures.
 * `vectorCount`, `brokenVector`, `otherVector`: and of embeddings.
 * `forgedReceipt`: not signed by the miner.
 */
export const faultCodes = [
  "tooLong",
  "unknownToken",
  "noLogprobs",
  "otherText",
  "otherPrompt",
  "cutOff",
  "brokenEnd",
  "wrongEnd",
  "pastStop",
  "rambling",
  "otherTokens",
  "unlikelyTokens",
  "otherLogprobs",
  "imageCount",
  "brokenImage",
  "imageSize",
  "otherImage",
  "vectorCount",
  "brokenVector",
  "otherVector",
  "forgedReceipt",
] as const;

/** See {@link faultCodes}. */
export type FaultCode = (typeof faultCodes)[number];
