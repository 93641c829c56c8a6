import { type FaultCode, faultCodes } from "@vision/sdk/client";

const advice: Readonly<Record<FaultCode, string>> = {
  tooLong: "The backend writes more tokens than were asked for: it must honour max_tokens.",
  unknownToken: "The backend's vocabulary is not the model's: serve exactly the task's model.",
  noLogprobs: "The backend sends no log-probabilities for some tokens: switch them on, for every token.",
  otherText: "The text is not what its tokens say: something between model and miner rewrites answers.",
  otherPrompt: "The backend reads another prompt: use the model's own chat template, and add no BOS where the model has none.",
  cutOff: "Answers end before their limit: the context of the backend is too small, or it has a limit of its own.",
  brokenEnd: "The backend ends answers with an error of its own: see its log.",
  wrongEnd: "Answers end where the model does not: leave end tokens and stop sequences as they are.",
  pastStop: "The backend does not stop at the request's stop sequences.",
  rambling: "The backend goes on where the model ends: do not ignore end tokens.",
  otherTokens: "Other tokens than model, prompt and seed give: another model or quantisation, or another sampler than the declared one.",
  unlikelyTokens: "Tokens that the model would not write: another model or quantisation, or sampling settings of the backend's own.",
  otherLogprobs: "Other log-probabilities than the model's: another model or quantisation, or they are taken after temperature.",
  imageCount: "Not as many images as were asked for.",
  brokenImage: "An image is no PNG that can be read.",
  imageSize: "Images must have the size that was asked for, and three channels.",
  otherImage: "Other pictures than model, prompt, seed and steps give: another model or sampler, or pictures are changed on the way.",
  vectorCount: "Not as many vectors as there were texts.",
  brokenVector: "A vector is all zeros, has numbers that are not finite, or is not of the length that the model's have.",
  otherVector: "Other vectors than model and texts give: another model or quantisation, another pooling, or texts that are cut.",
  forgedReceipt: "A receipt is not signed by this hotkey: two miners behind one address, or somebody in between.",
};

function isFaultCode(fault: string): fault is FaultCode {
  return (faultCodes as readonly string[]).includes(fault);
}

/** What to do about a fault; null for one of a later version. */
export function adviseOn(fault: string): string | null {
  return isFaultCode(fault) ? advice[fault] : null;
}
